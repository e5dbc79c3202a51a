import { build, docker } from '../images/docker.js';
import { standIn } from '../images/stand-ins.js';

export const BRIDGE = { repository: 'http-mcp-bridge', tag: '0.1.0-slim' };
/** The same image under the name of the next release. */
export const NEXT_TAG = '0.2.0-slim';
/** Not `latest`, which a node would want to pull. */
export const REDIS_IMAGE = 'local/valkey:here';
export const PAUSE_IMAGE = 'localhost/pause:1';

/** Makes the images of a node and packs them into one file. */
export function packImages(file: string): void {
  const bridge = `${BRIDGE.repository}:${BRIDGE.tag}`;
  const next = `${BRIDGE.repository}:${NEXT_TAG}`;
  docker('build', '--network', 'host', '-f', 'docker/Dockerfile', '--target', 'slim', '-t', bridge, '.');
  docker('tag', bridge, next);
  docker('tag', standIn('REDIS_IMAGE'), REDIS_IMAGE);
  build(PAUSE_IMAGE, 'FROM node:24-trixie-slim\nCMD ["sleep", "infinity"]\n');
  docker('save', '-o', file, bridge, next, REDIS_IMAGE, PAUSE_IMAGE);
}
