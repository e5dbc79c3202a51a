import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, register } from 'prom-client';
import { isJsonObject, type Json } from '../call/json.js';
import { ScrapeSource } from './metrics-listener.js';

type Metrics = MetricObjectWithValues<MetricValue<string>>[];

const ASK = 'metrics?';
const ANSWER = 'metrics';
/** A worker that does not answer in that time is left out: better a scrape of the others than none. */
const PATIENCE_MS = 2000;

/** In a worker: answers the process that asks for its metrics. @returns ends it */
export function answerScrapes(): () => void {
  const answer = (message: Json) => {
    if (!isJsonObject(message) || message.say !== ASK) return;
    void register.getMetricsAsJSON().then((metrics) => process.send?.({ say: ANSWER, id: message.id, metrics }));
  };
  process.on('message', answer);
  return () => void process.off('message', answer);
}

/** In the process that keeps the workers: the metrics of all of them as one, each joined as its catalog entry says. */
export class WorkerScrape extends ScrapeSource {
  private asked = 0;

  override async text(): Promise<string> {
    const id = (this.asked += 1);
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const told = await Promise.all(workers.filter((worker) => worker.isConnected()).map((worker) => askOne(worker, id)));
    return AggregatorRegistry.aggregate(told.filter((metrics) => metrics !== undefined)).metrics();
  }
}

function askOne(worker: Worker, id: number): Promise<Metrics | undefined> {
  return new Promise((resolve) => {
    const finish = (metrics?: Metrics) => {
      clearTimeout(timer);
      worker.off('message', hear);
      worker.off('exit', gone);
      resolve(metrics);
    };
    const hear = (message: Json) => {
      if (isJsonObject(message) && message.say === ANSWER && message.id === id) finish(message.metrics as unknown as Metrics);
    };
    const gone = () => finish();
    const timer = setTimeout(gone, PATIENCE_MS);
    worker.on('message', hear);
    worker.on('exit', gone);
    worker.send({ say: ASK, id }, (error) => {
      if (error) finish();
    });
  });
}
