'use strict';

// The carrier of section 15: resume.v1.json over plain HTTP. A Carrier looks to its Connection like a WebSocket of the package ws,
// so server.js and its sessions know nothing of requests.

const { EventEmitter, once } = require('node:events');
const { elements } = require('./envelope');

const QUIET_MS = 25_000; // then a stream gets a comment, and a poll its answer
const LOST_MS = 60_000; // a connection without a poll is lost then
const KNOWN_MS = 60_000; // a name is known for as long after the end of its connection
const MAX_ANSWER = 1 << 18; // characters, of which none has more than four bytes
const MAX_GIVEN_UP = 10_000; // names
const NO_STORE = { 'Cache-Control': 'no-store' };
const EVENTS = { ...NO_STORE, 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };
const NAME = /^[\w-]{22,64}$/;
const NUMBER = /^[1-9][0-9]{0,14}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One connection: a stream of events, or the answers to polls, and the requests that the client sends. */
class Carrier extends EventEmitter {
  constructor(response, polling) {
    super();
    Object.assign(this, { response, polling, waiting: [], over: false, isPaused: false, taken: 0, polled: 0 });
    if (!polling) response.on('close', () => this.terminate()); // a client whose poll is lost polls again with the same number
    this.wait();
  }

  /** Waits for something to send, or without a response for the next poll. */
  wait() {
    clearTimeout(this.timer);
    if (this.over) return;
    if (this.response) this.timer = setTimeout(() => this.put(': still here\n\n'), QUIET_MS);
    else this.timer = setTimeout(() => this.terminate(), LOST_MS);
  }

  // What a WebSocket does

  send(data) {
    if (typeof data === 'string') this.event('', data);
    else this.event('event: binary\n', data.toString('base64'));
  }

  close(code) {
    this.event('event: close\n', `${code} `);
    this.end();
  }

  /** The stand-in for the server's own pings: a client that takes what is written is there. */
  ping() {
    if (!this.response?.writableNeedDrain) this.emit('pong');
  }

  terminate() {
    this.end();
    this.response?.destroy();
  }

  pause() {
    this.isPaused = true;
  }

  resume() {
    this.isPaused = false;
    this.emit('resume');
  }

  // Down

  event(head, data) {
    // A line break can stand between the tokens of an application's JSON.
    this.put(`${head}data: ${data.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`);
  }

  put(text) {
    if (this.over) return;
    this.waiting.push(text);
    this.flushing ??= setImmediate(() => this.flush());
  }

  /** Writes what waits into the stream, or answers a poll with as much of it as an answer may have. */
  flush() {
    this.flushing = undefined;
    const { response, polling, waiting } = this;
    if (!response || !waiting.length) return;
    let events = waiting.shift();
    while (waiting.length && (!polling || events.length + waiting[0].length <= MAX_ANSWER)) events += waiting.shift();
    if (!response.headersSent) response.writeHead(200, EVENTS);
    response.write(events);
    if (polling || this.over) response.end();
    if (polling) Object.assign(this, { response: undefined, answered: events }); // kept for the case that it does not arrive
    this.wait();
  }

  poll(number, response) {
    if (number === this.polled && this.answered !== undefined) return { status: 200, headers: EVENTS, body: this.answered };
    if (this.over && !this.waiting.length) return { status: 410 };
    if (number !== this.polled && number !== this.polled + 1) return { status: 409 };
    // The same poll again, while the first is not answered: two different answers to one number could lose events.
    this.response?.destroy();
    Object.assign(this, { response, polled: number, answered: undefined });
    this.wait();
    this.flush();
  }

  // Up

  /** Takes a request, once. Returns the status of its answer, when the connection reads on. */
  async take(number, text) {
    if (this.over) return 410;
    if (number > this.taken + 1 || (number > this.taken && this.isPaused)) {
      this.terminate();
      return 409;
    }
    if (number > this.taken) {
      this.taken = number;
      this.read(text);
    }
    if (this.isPaused) await once(this, 'resume');
    return 204;
  }

  read(text) {
    try {
      for (const element of elements(text)) if (!this.over) this.element(element, JSON.parse(element));
    } catch {
      this.emit('message', 'no array of section 15', false); // fails like a text message that is not JSON
    }
  }

  element(text, value) {
    if (typeof value === 'string' && BASE64.test(value)) this.emit('message', Buffer.from(value, 'base64'), true);
    else if (Array.isArray(value) || value?.t !== undefined) this.emit('message', text, false);
    else if (Number.isSafeInteger(value?.ping)) this.event('event: pong\n', String(value.ping));
    else if (Number.isSafeInteger(value?.close)) this.close(value.close);
    else throw new Error('no element of section 15');
  }

  end() {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.resume();
    setImmediate(() => this.emit('close'));
  }
}

function answer(response, { status, headers, body }) {
  response.writeHead(status, { ...NO_STORE, ...headers }).end(body);
}

/** Returns {text} of a request's body, or the {status, code} of one that is too large, no UTF-8, or breaks off. */
async function body(request, limit) {
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of request) if ((size += chunk.length) <= limit) chunks.push(chunk);
    if (size > limit) return { status: 413, code: 1009 };
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { status: 400, code: request.complete ? 1007 : 1006 };
  }
}

/**
 * Returns the handler of POSTs. `admit(request)` returns {identity}, or {status, headers} of a refusal; `connect(carrier, identity)`
 * starts a connection.
 */
function carry({ protocol, limit, admit, connect }) {
  const carriers = new Map();
  const givenUp = new Set(); // the openings that clients have given up, the one that was named last at the end

  function greet(request) {
    const { status, headers } = admit(request);
    if (status) return { status, headers };
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify([protocol]) };
  }

  async function open(request, response, name, polling) {
    const { identity, status, headers } = admit(request);
    if (status) return { status, headers };
    if (carriers.has(name) || givenUp.has(name)) return { status: 409 };
    (request.headers['holdfast-instead'] ?? '').split(',').slice(0, 8).forEach(giveUp);
    const carrier = new Carrier(response, polling);
    carriers.set(name, carrier);
    carrier.once('close', () => setTimeout(() => carriers.delete(name), KNOWN_MS).unref());
    connect(carrier, identity); // now, and not with the body: this is the order of connections (3, rule 14)
    const { text, code } = await body(request, limit);
    if (text === undefined) carrier.close(code);
    else carrier.emit('message', text, false);
  }

  function giveUp(name) {
    if (!NAME.test(name)) return;
    givenUp.delete(name);
    givenUp.add(name);
    if (givenUp.size > MAX_GIVEN_UP) givenUp.delete(givenUp.values().next().value);
  }

  async function send(request, name, number) {
    const carrier = carriers.get(name);
    if (!carrier) return { status: 410 };
    const { text, status, code } = await body(request, limit);
    if (text !== undefined) return { status: await carrier.take(number, text) };
    if (request.complete) carrier.close(code); // what breaks off may come again
    return { status };
  }

  /** Returns the answer, or nothing if a carrier has taken the response. */
  function handle(request, response) {
    const { 'content-type': type, 'holdfast-attempt': name, 'holdfast-request': sent, 'holdfast-poll': poll } = request.headers;
    if (!/^application\/json\s*(;|$)/i.test(type)) return { status: 415 };
    if (name === undefined && sent === undefined && poll === undefined) return greet(request);
    if (!NAME.test(name) || !NUMBER.test(sent ?? 1) || !(poll === '0' || NUMBER.test(poll ?? 1))) return { status: 400 };
    if (sent !== undefined) return send(request, name, Number(sent));
    if (poll === undefined || poll === '0') return open(request, response, name, poll !== undefined);
    const carrier = carriers.get(name);
    return carrier?.polling ? carrier.poll(Number(poll), response) : { status: 410 };
  }

  return async (request, response) => {
    response.on('error', () => {});
    const reply = await handle(request, response);
    if (reply) answer(response, reply);
  };
}

module.exports = { carry };
