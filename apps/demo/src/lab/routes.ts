/** The pages of the lab. A run is a POST: it does something, and another site must not be able to cause it. */
import { type Request, type Response, Router } from 'express';
import type { Context } from '../app.ts';
import { problemPage } from '../pages/problem.ts';
import type { Experiment } from './experiment.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { foreignSite } from './foreign-site.ts';
import { type Listening, listenOnLoopback } from './loopback.ts';
import { experimentPage } from './pages/experiment.ts';
import { labPage } from './pages/index.ts';
import { BusyError, Queue } from './queue.ts';
import { type Result, runExperiment } from './run.ts';

/** Of the whole process, however many applications are made in it. */
const queue = new Queue(4);

export function labPages({ userOf }: Pick<Context, 'userOf'>): Router {
  const router = Router();
  router.get('/', (req, res) => {
    res.send(labPage(EXPERIMENTS, userOf(req)));
  });
  EXPERIMENTS.forEach((experiment, i) => {
    const answer = (req: Request, res: Response, result?: Result): void => {
      const next = EXPERIMENTS[i + 1];
      res.send(experimentPage({ experiment, number: i + 1, next, user: userOf(req), result }));
    };
    router.get(`/${experiment.id}`, (req, res) => answer(req, res));
    router.post(`/${experiment.id}`, async (req, res) => {
      const result = await queue
        .run(() => runExperiment(experiment))
        .catch((error: unknown) => {
          refuse(res, experiment, error);
          return undefined;
        });
      if (result) answer(req, res, result);
    });
  });
  router.get('/cross-site/elsewhere', async (req, res) => {
    const { port } = await secondOrigin(req.socket.localPort ?? 0);
    // Another name as well as another port: a different site in every respect.
    const host = req.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
    // The port is another one the next time.
    res.set('Cache-Control', 'no-store').vary('Cookie').redirect(303, `http://${host}:${port}/`);
  });
  router.post('/cross-site/prize', (_req, res) => {
    // Only a request from our own pages comes here, and none of them sends one.
    res.send(
      problemPage({ title: 'This should not have worked', text: 'A form of another site was obeyed.' }),
    );
  });
  return router;
}

/** By the port of the application that it is aimed at; started when somebody first asks for it. */
const secondOrigins = new Map<number, Promise<Listening>>();

function secondOrigin(port: number): Promise<Listening> {
  let origin = secondOrigins.get(port);
  if (!origin) {
    const { handler } = foreignSite((host) => ({
      // Back to where the visitor came from, which is the name that this site does not go by.
      action: `http://${host.startsWith('localhost') ? '127.0.0.1' : 'localhost'}:${port}/lab/cross-site/prize`,
      fields: { prize: 'kelp' },
    }));
    origin = listenOnLoopback(handler);
    origin.catch(() => secondOrigins.delete(port));
    secondOrigins.set(port, origin);
  }
  return origin;
}

function refuse(res: Response, { id, title }: Experiment, error: unknown): void {
  const isBusy = error instanceof BusyError;
  if (!isBusy) console.error(error);
  res
    .status(isBusy ? 429 : 503)
    .set('Retry-After', '5')
    .send(
      problemPage({
        title: isBusy ? 'The lab is busy' : 'The experiment did not come to its end',
        text: isBusy
          ? 'Others are waiting for their result. Try again in a few seconds.'
          : 'So there is nothing to be learnt from it. Try again; what went wrong has been noted.',
        action: { href: `/lab/${id}`, label: title },
      }),
    );
}
