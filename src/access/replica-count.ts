import { Injectable } from '@nestjs/common';

/** How many replicas were alive when anybody last looked; whoever counts heartbeats writes it. */
@Injectable()
export class ReplicaCount {
  lastSeen = 1;
}
