'use strict';

// A server that speaks resume.v1.json. It keeps its sessions in memory: they end with the process. The numbers in comments are
// sections of docs/protocol.md.

const { createHash, randomBytes, timingSafeEqual } = require('node:crypto');
const http = require('node:http');
const { WebSocketServer } = require('ws');
const { Envelope, ProtocolError, elements } = require('./envelope');
const { carry } = require('./http');

const PROTOCOL = 'resume.v1.json';
const EPOCH = randomBytes(6).toString('hex'); // 1: ids of another process are recognised by it
const DEFAULTS = {
  ttl: 120_000, maxUnacked: 1000, maxBytes: 4 << 20, maxMessage: 1 << 20, batch: 256, // the members of welcome
  window: 1024, windowBytes: 4 << 20, maxLog: 10_000, maxSessions: 10_000, // the server's own limits
  openMs: 10_000, ackMs: 100, warnMs: 30_000, graceMs: 1000, pingMs: 30_000, endedMs: 600_000,
};

const hash = (key) => createHash('sha256').update(key).digest();

/** The two streams of a session, and what the next open is compared with. Entries are numbered from 1; position 0 is the start. */
class Session {
  constructor(server, user) {
    Object.assign(this, { server, user, sid: randomBytes(12).toString('base64url'), keys: [], log: [], rejections: [] });
    this.next = 1; // the number of the next entry
    this.sent = 0; // the highest number that was sent on any connection
    this.dealt = 0; // every seq up to this one is handled or rejected
    this.fence = 0; // counts connections: only the newest one acts on the session
    this.connection = null;
    this.ended = null;
  }

  id(number) {
    return `${EPOCH}-${number}`;
  }

  /** The number of an entry, or undefined if this log never gave the id. */
  number(id) {
    const [, epoch, number] = id.match(/^(.+)-(0|[1-9][0-9]*)$/) ?? [];
    return epoch === EPOCH && Number(number) < this.next ? Number(number) : undefined;
  }

  /** The oldest position that can be resumed from: everything after it is in the log. */
  get oldest() {
    return this.next - 1 - this.log.length;
  }

  newKey() {
    const key = randomBytes(32).toString('base64url');
    this.keys.push(hash(key));
    return key;
  }

  /** Whether the key is valid. It stays valid beside the next one, until the client has sent something (3, rule 7). */
  accepts(key, late) {
    const used = this.keys.find((known) => timingSafeEqual(known, hash(key)));
    if (used && !late) this.keys = [used];
    return used !== undefined;
  }

  /** Adds a message to the client: {d: text of JSON} or {bytes: Buffer}. */
  send(payload) {
    const id = this.id(this.next);
    if (payload.bytes) this.append(Buffer.concat([Buffer.from([1, id.length]), Buffer.from(id), payload.bytes]));
    else this.append(`{"t":"msg","id":"${id}","d":${payload.d}}`);
  }

  append(data, seq) {
    if (this.ended) return;
    this.log.push({ number: this.next++, data, seq, size: Buffer.byteLength(data) });
    while (this.log.length > this.server.options.maxLog) {
      const dropped = this.log.shift();
      this.connection?.release(dropped);
      if (dropped.number > this.connection?.sent) this.connection.fail(1001, 'trimmed', 'the log is full'); // 4
    }
    this.connection?.pump();
  }

  /** Stores the outcome of a message: its seq, and its rejection or the replies to it. */
  settle(seq, { reject, replies = [] } = {}) {
    this.dealt = seq;
    if (reject) {
      this.rejections.push({ number: this.next, seq });
      this.append(JSON.stringify({ t: 'reject', id: this.id(this.next), c: seq, ...reject }), seq);
    }
    for (const reply of replies) this.send(reply);
    if (this.rejections.length <= this.server.options.maxLog) return;
    this.connection?.fail(1001, 'trimmed', 'too many rejections are not acknowledged');
    this.end('trimmed');
  }

  acknowledge(number) {
    while (this.log.length && this.log[0].number <= number) this.connection.release(this.log.shift());
    this.rejections = this.rejections.filter((rejection) => rejection.number > number);
  }

  attach(connection) {
    clearTimeout(this.timer);
    this.connection = connection;
    this.holder = connection.number;
    return this.fence;
  }

  /** Ends what an older connection may do. What its handler is still busy with will be discarded (3, rule 5). */
  fenceOff() {
    this.fence++;
    this.connection?.fail(4409, 'taken-over', 'a newer connection has the session');
  }

  detach() {
    this.connection = null;
    if (!this.ended) this.timer = setTimeout(() => this.end('expired'), this.server.options.ttl);
  }

  /** Keeps what the next open is answered with. A rejection that is lost with the log must not count as acknowledged (3, rule 11). */
  end(reason) {
    clearTimeout(this.timer);
    this.fence++;
    this.ended = reason;
    if (this.rejections.length) this.dealt = Math.min(this.dealt, this.rejections[0].seq - 1);
    this.log = [];
    this.timer = setTimeout(() => this.server.sessions.delete(this.sid), this.server.options.endedMs);
  }
}

class Connection {
  constructor(server, ws, identity) {
    Object.assign(this, { server, ws, identity, number: ++server.upgrades, session: null, queue: [], queuedBytes: 0, closed: false, leaving: false, alive: true });
    this.opening = setTimeout(() => this.fail(4408, 'no-open', 'no open came in time'), server.options.openMs);
    ws.on('message', (data, binary) => this.receive(data, binary));
    ws.on('pong', () => (this.alive = true));
    ws.on('error', () => {}); // ws closes with 1002, 1007 or 1009 by itself
    ws.on('close', () => this.gone());
  }

  receive(data, binary) {
    if (this.closed || this.leaving) return;
    try {
      if (this.session) this.session.keys = this.session.keys.slice(-1);
      if (!this.session) this.first(binary, data);
      else if (binary) this.binary(data);
      else this.text(data.toString());
    } catch (e) {
      if (e instanceof ProtocolError) this.fail(4400, 'protocol-error', e.message);
      else this.fail(1011, 'failed', 'the server failed');
    }
  }

  first(binary, data) {
    const envelope = binary ? undefined : new Envelope(data.toString());
    if (envelope?.type !== 'open') throw new ProtocolError('the first message is no open');
    clearTimeout(this.opening);
    const identity = envelope.has('auth') ? this.server.authenticate(envelope.value('auth')) : this.identity;
    if (!identity) this.fail(4401, 'unauthorized', 'the credential is missing or refused');
    else this.open(identity, ...['sid', 'key'].map((name) => (envelope.has(name) ? envelope.string(name) : undefined)),
      envelope.has('last') ? envelope.id('last') : undefined);
  }

  /** Answers open by the table of section 3. */
  open(identity, sid, key, last) {
    const { options, sessions } = this.server;
    let session = sessions.get(sid);
    const late = this.number < session?.holder; // its client has resumed over a later connection (3, rule 14)
    if (session && (key === undefined || session.user !== identity.user || !session.accepts(key, late))) session = undefined;
    if (session && late) return this.fail(4408, 'late', 'the open came late');
    let reason = sid === undefined ? 'new' : session ? session.ended : 'unknown';
    let position = 0;
    if (session && !session.ended) {
      position = last === undefined ? 0 : session.number(last);
      session.fenceOff();
      if (position === undefined) session.end((reason = 'epoch'));
      else if (position < session.oldest) session.end((reason = 'trimmed'));
    }
    const welcome = { t: 'welcome', resumed: !reason, c: session?.dealt ?? 0 };
    if (reason) {
      session = new Session(this.server, identity.user);
      sessions.set(session.sid, session);
      Object.assign(welcome, { reason, last: session.id(0) });
      position = 0;
    }
    const { ttl, maxUnacked, maxBytes, maxMessage, batch } = options;
    Object.assign(welcome, { sid: session.sid, key: session.newKey(), ttl, maxUnacked, maxBytes, maxMessage, batch });
    this.session = session;
    this.fence = session.attach(this);
    this.received = session.dealt; // the highest seq that came
    this.sent = this.base = this.acked = position;
    this.unackedBytes = 0; // what the client has not acknowledged
    this.target = session.next - 1; // live follows this entry
    this.owed = { messages: 0, bytes: 0 }; // what the server has not acknowledged
    this.credential(identity);
    this.send(welcome);
    this.pump();
  }

  /** Sends entries as far as the window allows, and live after the last one of the replay. */
  pump() {
    if (this.closed || this.leaving) return;
    const { session, server: { options } } = this;
    for (let entry; (entry = session.log[this.sent - session.oldest]); ) {
      if (this.sent - this.acked >= options.window || this.unackedBytes >= options.windowBytes) break;
      this.ws.send(entry.data);
      if (entry.seq) this.owe(0); // an ack may have waited for this rejection
      this.sent = entry.number;
      this.unackedBytes += entry.size;
      session.sent = Math.max(session.sent, this.sent);
    }
    if (this.sent >= this.target) {
      this.target = Infinity;
      this.send({ t: 'live' });
    }
  }

  /** Takes an entry that was acknowledged or dropped out of the window. */
  release(entry) {
    if (entry.number > this.base && entry.number <= this.sent) this.unackedBytes -= entry.size;
  }

  text(text) {
    if (text.trimStart()[0] === '[') return this.batch(text);
    const envelope = new Envelope(text);
    if (envelope.type === 'msg') this.message(envelope);
    else if (envelope.type === 'ack') this.acknowledged(envelope.id('last'));
    else if (envelope.type === 'auth') this.renew(envelope.value('auth'));
    else if (envelope.type === 'bye') {
      this.leaving = true; // what is in the queue is handled first
      this.enqueue({ bye: true, size: 0 });
    } else throw new ProtocolError(`unexpected type ${envelope.type}`);
  }

  batch(text) {
    const envelopes = elements(text).map((element) => new Envelope(element));
    const { batch } = this.server.options;
    if (batch < 2 || envelopes.length < 1 || envelopes.length > batch) throw new ProtocolError(`a batch of ${envelopes.length}`);
    if (envelopes.some(({ type }) => type !== 'msg')) throw new ProtocolError('a batch of other envelopes than msg');
    envelopes.forEach((envelope) => this.message(envelope));
  }

  message(envelope) {
    const d = envelope.raw('d');
    if (envelope.has('k')) envelope.string('k', 0);
    this.accept(envelope.seq('c'), { d }, Buffer.byteLength(d[0] === '"' ? envelope.value('d') : d));
  }

  binary(data) {
    if (data.length < 9 || data[0] !== 1) throw new ProtocolError('not a binary message of the protocol');
    const seq = Number(data.readBigUInt64BE(1));
    if (seq < 1 || !Number.isSafeInteger(seq)) throw new ProtocolError('no seq');
    this.accept(seq, { bytes: data.subarray(9) }, data.length - 9);
  }

  accept(seq, payload, size) {
    if (seq > this.received + 1) throw new ProtocolError(`seq ${seq} follows ${this.received}`);
    if (size > this.server.options.maxMessage) return this.fail(4413, 'too-large', `${size} bytes, but at most ${this.server.options.maxMessage}`);
    if (seq <= this.session.dealt) return this.owe(0); // acknowledged again (3, rule 12)
    if (seq <= this.received) return; // it is in the queue
    this.received = seq;
    this.enqueue({ seq, payload, size });
  }

  enqueue(item) {
    this.queue.push(item);
    this.queuedBytes += item.size;
    const { maxUnacked, maxBytes, maxMessage } = this.server.options;
    // Only a client that does not keep to its window is slowed down like this (4).
    if (this.queue.length > maxUnacked || this.queuedBytes > maxBytes + maxMessage) this.ws.pause();
    if (!this.working) this.work();
  }

  /** Handles what came, in order and one at a time. */
  async work() {
    this.working = true;
    for (let item; (item = this.queue.shift()) && this.fence === this.session.fence; ) {
      if (item.bye) return this.bye();
      let result;
      try {
        result = await this.server.handle(this.session, item.payload, item.seq, this);
      } catch (e) {
        return this.fail(1011, 'failed', 'the application failed');
      }
      if (this.fence !== this.session.fence) return; // discarded: the client sends it again
      this.session.settle(item.seq, result);
      this.queuedBytes -= item.size;
      if (this.ws.isPaused) this.ws.resume();
      this.owe(item.size);
    }
    this.working = false;
  }

  owe(bytes) {
    const { maxUnacked, maxBytes, ackMs } = this.server.options;
    this.owed.messages++;
    this.owed.bytes += bytes;
    if (this.owed.messages * 2 >= Math.min(512, maxUnacked) || this.owed.bytes * 2 >= Math.min(2 << 20, maxBytes)) this.sendAck();
    else this.acking ??= setTimeout(() => this.sendAck(), ackMs);
  }

  sendAck() {
    clearTimeout(this.acking);
    this.acking = undefined;
    this.owed = { messages: 0, bytes: 0 };
    const waiting = this.session.rejections.find((rejection) => rejection.number > this.sent); // an ack must not overtake it (4)
    const c = Math.min(this.session.dealt, waiting ? waiting.seq - 1 : Infinity);
    if (c > 0) this.send({ t: 'ack', c });
  }

  acknowledged(last) {
    const number = this.session.number(last);
    if (number === undefined || number > Math.max(this.session.sent, this.base)) throw new ProtocolError(`${last} was never sent`);
    this.acked = Math.max(this.acked, number);
    this.session.acknowledge(number);
    this.pump();
  }

  bye() {
    if (this.owed.messages) this.sendAck();
    this.session.end('unknown');
    this.server.sessions.delete(this.session.sid);
    clearTimeout(this.session.timer);
    setTimeout(() => this.close(1000), 5000).unref();
  }

  renew(auth) {
    const identity = this.server.authenticate(auth);
    if (identity?.user !== this.session.user) return this.send({ t: 'auth', ok: false, code: identity ? 'other-user' : 'refused' });
    this.credential(identity);
    this.send({ t: 'auth', ok: true });
  }

  /** Warns before the credential expires, and closes when it has (8). */
  credential({ until }) {
    clearTimeout(this.expiry);
    if (until === undefined) return;
    const left = () => Math.max(0, until - Date.now());
    const close = () => this.fail(4401, 'expired', 'the credential has expired');
    this.expiry = setTimeout(() => {
      this.send({ t: 'auth', ok: false, code: 'expiring', inMs: left() });
      this.expiry = setTimeout(close, left());
    }, Math.min(Math.max(0, left() - this.server.options.warnMs), 2 ** 31 - 1));
  }

  /** Asks the client to resume elsewhere (5). */
  drain(afterMs, url) {
    this.send({ t: 'reconnect', afterMs, url });
    setTimeout(() => this.fail(1001, 'drained', 'the server stops'), afterMs + this.server.options.graceMs);
  }

  send(envelope) {
    if (!this.closed) this.ws.send(JSON.stringify(envelope));
  }

  fail(code, reason, message) {
    this.send({ t: 'error', code: reason, message });
    this.close(code);
  }

  close(code) {
    this.closed = true;
    this.queue = [];
    this.ws.close(code);
  }

  gone() {
    this.closed = true;
    [this.opening, this.expiry, this.acking].forEach(clearTimeout);
    if (this.session?.connection === this) this.session.detach();
  }
}

/**
 * Starts a server. `authenticate(credential)` returns {user, until?}, or undefined if it refuses the credential; it gets undefined if
 * there is none. `handle(session, payload, seq)` handles a message and may return a promise of {replies} or {reject: {code, message}}.
 */
function start({ port = 0, authenticate, handle, ...options }) {
  const server = { options: { ...DEFAULTS, ...options }, sessions: new Map(), connections: new Set(), upgrades: 0, authenticate, handle };
  const { maxMessage, maxSessions, pingMs } = server.options;
  const largest = 6 * maxMessage + 4096; // escapes can make a string six times as long (4)
  const wss = new WebSocketServer({ noServer: true, maxPayload: largest, perMessageDeflate: true });
  const admit = (request) => {
    const bearer = request.headers.authorization?.match(/^Bearer (.+)$/i)?.[1];
    const identity = authenticate(bearer);
    if (bearer !== undefined && !identity) return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } };
    if (server.sessions.size >= maxSessions) return { status: 503, headers: { 'Retry-After': '30' } };
    return { identity };
  };
  const connect = (ws, identity) => {
    const connection = new Connection(server, ws, identity);
    server.connections.add(connection);
    ws.on('close', () => server.connections.delete(connection));
  };
  const post = carry({ protocol: PROTOCOL, limit: Math.max(largest, 1 << 20), admit, connect });
  server.http = http.createServer((request, response) => (request.method === 'POST' ? post(request, response) : response.writeHead(426).end()));
  server.http.on('upgrade', (request, socket, head) => {
    const refuse = (status, headers) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    socket.on('error', () => {});
    if (!(request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).includes(PROTOCOL)) return refuse(400, {});
    const { identity, status, headers } = admit(request);
    if (status) return refuse(status, headers);
    wss.handleUpgrade(request, socket, head, (ws) => connect(ws, identity));
  });
  wss.options.handleProtocols = () => PROTOCOL;
  setInterval(() => server.connections.forEach((connection) => {
    if (!connection.alive) connection.ws.terminate(); // ttl starts when the server notices (5)
    connection.alive = false;
    connection.ws.ping();
  }), pingMs).unref();
  return new Promise((resolve) => server.http.listen(port, '127.0.0.1', () => resolve(server)));
}

module.exports = { start };
