/** The exhibits on stacks of other people, as they install. */
import { djangoExhibits } from './django/exhibits.ts';
import type { Exhibit } from './exhibit.ts';
import { fastifyExhibits } from './fastify/exhibits.ts';
import { flaskExhibits } from './flask/exhibits.ts';
import { phpExhibits } from './php/exhibits.ts';
import { tomcatExhibits } from './tomcat/exhibits.ts';

export const stacks: readonly Exhibit[] = [
  ...fastifyExhibits,
  ...flaskExhibits,
  ...djangoExhibits,
  ...phpExhibits,
  ...tomcatExhibits,
];
