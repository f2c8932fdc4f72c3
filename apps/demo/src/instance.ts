/** Which of several instances has answered, so that one sees that they share the sessions. */
import type { RequestHandler } from 'express';

/** Its port. An application that is not for show keeps its machines to itself. */
export const sayInstance: RequestHandler = (req, res, next) => {
  res.set('Demo-Instance', String(req.socket.localPort));
  next();
};
