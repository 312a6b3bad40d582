'use strict';

// The carrier of section 15: resume.v1.json over plain HTTP. A Carrier looks to its Connection like a WebSocket of the package ws,
// so server.js and its sessions know nothing of requests.

const { EventEmitter } = require('node:events');
const { elements } = require('./envelope');

const TIMES = { commentMs: 25_000, pollMs: 25_000, lostMs: 60_000, knownMs: 60_000 };
const MAX_ANSWER = 1 << 18; // characters, of which none has more than four bytes
const MAX_GIVEN_UP = 10_000;
const EVENTS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };
const NAME = /^[\w-]{22,64}$/;
const NUMBER = /^(0|[1-9][0-9]{0,14})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One connection: a stream of events, or the answers to polls, and the requests that the client sends. */
class Carrier extends EventEmitter {
  constructor(response, polling) {
    super();
    Object.assign(this, { polling, waiting: [], over: false, isPaused: false, unanswered: [], taken: 0, polled: 0 });
    this.comment = setInterval(() => this.response?.headersSent && this.response.write(': still here\n\n'), TIMES.commentMs);
    this.lost = setTimeout(() => this.terminate(), TIMES.lostMs);
    this.use(response);
  }

  /** Takes a response for what is sent next. Its head is written with the first event. */
  use(response) {
    this.response = response;
    clearTimeout(this.lost);
    clearTimeout(this.polling ? this.comment : undefined);
    if (this.polling && this.polled) this.held = setTimeout(() => this.answer(), TIMES.pollMs);
    response.on('close', () => {
      if (this.response !== response) return;
      this.response = undefined;
      if (!this.polling) this.terminate();
      else this.wait(); // the client polls again with the same number
    });
  }

  wait() {
    clearTimeout(this.held);
    clearTimeout(this.lost);
    if (!this.over) this.lost = setTimeout(() => this.terminate(), TIMES.lostMs);
  }

  // What a WebSocket does

  send(data) {
    if (typeof data === 'string') this.event('', data);
    else this.event('event: binary\n', data.toString('base64'));
  }

  close(code, reason = '') {
    this.event('event: close\n', `${code} ${reason}`);
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
    for (const response of this.unanswered.splice(0)) answer(response, 204);
  }

  // Down

  event(head, data) {
    if (this.over) return;
    // A line break can stand between the tokens of an application's JSON.
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    this.waiting.push(`${head}${lines.join('')}\n`);
    this.flushing ??= setImmediate(() => this.flush());
  }

  flush() {
    this.flushing = undefined;
    if (!this.response || !this.waiting.length) return;
    if (this.polling) return this.answer();
    if (!this.response.headersSent) answer(this.response, 200, EVENTS);
    this.response.write(this.waiting.splice(0).join(''));
    this.comment.refresh();
    if (this.over) this.response.end();
  }

  /** Answers a poll, and keeps the answer for the case that it does not arrive. */
  answer() {
    const response = this.response;
    this.response = undefined;
    let count = 0;
    for (let size = 0; count < this.waiting.length && (count === 0 || size + this.waiting[count].length <= MAX_ANSWER); count++) size += this.waiting[count].length;
    this.answered = this.waiting.splice(0, count).join('');
    answer(response, 200, EVENTS, this.answered);
    this.wait();
  }

  poll(number, response) {
    if (number === this.polled && this.answered !== undefined) return answer(response, 200, EVENTS, this.answered);
    if (this.over && !this.waiting.length) return answer(response, 410);
    if (number !== this.polled && number !== this.polled + 1) return answer(response, 409);
    // The same poll again, while the first is not answered: two different answers to one number could lose events.
    this.response?.destroy();
    this.polled = number;
    this.answered = undefined;
    clearTimeout(this.held);
    this.use(response);
    this.flush();
  }

  // Up

  /** Takes a request, once. It is answered when the connection reads on. */
  take(number, text, response) {
    if (this.over) return answer(response, 410);
    if (number > this.taken + 1 || (number > this.taken && this.isPaused)) {
      this.terminate();
      return answer(response, 409);
    }
    if (number > this.taken) {
      this.taken = number;
      this.read(text);
    }
    if (this.isPaused && !this.over) this.unanswered.push(response);
    else answer(response, 204);
  }

  read(text) {
    try {
      for (const element of elements(text)) this.element(element);
    } catch {
      this.emit('message', 'no array of section 15', false); // fails like a text message that is not JSON
    }
  }

  element(text) {
    const value = JSON.parse(text);
    if (this.over) return;
    if (typeof value === 'string' && BASE64.test(value)) this.emit('message', Buffer.from(value, 'base64'), true);
    else if (Array.isArray(value) || value?.t !== undefined) this.emit('message', text, false);
    else if (Number.isSafeInteger(value?.ping)) this.event('event: pong\n', String(value.ping));
    else if (Number.isSafeInteger(value?.close)) this.close(value.close);
    else throw new Error('no element of section 15');
  }

  end() {
    if (this.over) return;
    this.over = true;
    [this.comment, this.lost].forEach(clearTimeout);
    this.resume();
    setImmediate(() => this.emit('close'));
  }
}

function answer(response, status, headers = {}, body = undefined) {
  response.writeHead(status, { 'Cache-Control': 'no-store', ...headers });
  if (status !== 200 || body !== undefined) response.end(body);
}

/** Returns {text} of a request's body, or the {status, code} of one that is too large, no UTF-8, or does not come. */
function body(request, limit) {
  return new Promise((resolve) => {
    const chunks = [];
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
      if (size > limit) return resolve({ status: 413, code: 1009 });
      chunks.push(chunk);
    });
    request.on('end', () => {
      try {
        resolve({ text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)) });
      } catch {
        resolve({ status: 400, code: 1007 });
      }
    });
    request.on('close', () => resolve({ code: 1006 }));
  });
}

/**
 * Returns the handler of POSTs. `admit(request)` returns {identity}, or {status, headers} of a refusal; `connect(carrier, identity)`
 * starts a connection.
 */
function carry({ protocol, limit, admit, connect }) {
  const carriers = new Map();
  const givenUp = new Map(); // the openings that clients have given up, and when each is forgotten, the next one first

  function open(request, response, name, polling) {
    const { identity, status, headers } = admit(request);
    if (status) return answer(response, status, headers);
    if (carriers.has(name)) return answer(response, 409);
    if (givenUp.get(name) > performance.now()) return answer(response, 409);
    giveUp((request.headers['holdfast-instead'] ?? '').split(',').slice(0, 8));
    const carrier = new Carrier(response, polling);
    carriers.set(name, carrier);
    carrier.once('close', () => setTimeout(() => carriers.delete(name), TIMES.knownMs).unref());
    connect(carrier, identity); // now, and not with the body: this is the order of connections (3, rule 14)
    return body(request, limit).then(({ text, code }) => (text === undefined ? carrier.close(code) : carrier.emit('message', text, false)));
  }

  function giveUp(names) {
    for (const name of names.filter((text) => NAME.test(text))) {
      givenUp.delete(name); // so that it goes to the end
      givenUp.set(name, performance.now() + TIMES.knownMs);
    }
    for (const [name, until] of givenUp) {
      if (until > performance.now() && givenUp.size <= MAX_GIVEN_UP) break;
      givenUp.delete(name);
    }
  }

  async function send(request, response, name, number) {
    const carrier = carriers.get(name);
    if (!carrier) return answer(response, 410);
    const { text, status, code } = await body(request, limit);
    if (text !== undefined) return carrier.take(number, text, response);
    if (status) carrier.close(code); // also behind a 413, which may be lost with the rest of a long request
    answer(response, status ?? 400, { Connection: 'close' });
  }

  async function greet(request, response) {
    const { status, headers } = admit(request);
    if (status) return answer(response, status, headers);
    const { text } = await body(request, 64);
    if (text?.trim() !== '[]') return answer(response, 400);
    answer(response, 200, { 'Content-Type': 'application/json' }, JSON.stringify([protocol]));
  }

  return (request, response) => {
    const { 'holdfast-attempt': name, 'holdfast-request': sent, 'holdfast-poll': poll } = request.headers;
    response.on('error', () => {});
    if (request.headers['content-type']?.split(';')[0].trim().toLowerCase() !== 'application/json') return answer(response, 415);
    if ([name, sent, poll].every((header) => header === undefined)) return greet(request, response);
    if (!NAME.test(name) || [sent, poll].some((header) => header !== undefined && !NUMBER.test(header))) return answer(response, 400);
    if (sent !== undefined) return Number(sent) && poll === undefined ? send(request, response, name, Number(sent)) : answer(response, 400);
    if (!Number(poll ?? 0)) return open(request, response, name, poll !== undefined);
    const carrier = carriers.get(name);
    return carrier?.polling ? carrier.poll(Number(poll), response) : answer(response, 410);
  };
}

module.exports = { carry };
