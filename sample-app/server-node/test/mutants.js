'use strict';

// Faults that can be planted in the server, each of which the conformance suite must find.
//   node test/mutants.js              lists them
//   node test/mutants.js NAME FOLDER  writes the server with this fault into a folder

const fs = require('node:fs');
const path = require('node:path');

// name: [what is wrong, the text in one of the FILES, what it is replaced with]. Names with http- are faults of the HTTP carrier; the
// checks of a minute's half run only for the fault of the same name.
const FILES = ['server.js', 'envelope.js', 'http.js', 'conformance.js'];
const MUTANTS = {
  'foreign-epoch': ['takes an id of another epoch for the start', `session.end((reason = 'epoch'))`, `position = 0`],
  'null-is-a-value': ['reads null as a value', `&& this.members.get(name) !== 'null'`, ``],
  'unknown-type': ['ignores unknown types', 'throw new ProtocolError(`unexpected type ${envelope.type}`)', `return`],
  'rounds-numbers': ['rounds numbers', '"d":${payload.d}}`', '"d":${JSON.stringify(JSON.parse(payload.d))}}`'],
  'seq-as-string': ['takes "1" for a seq', `!/^[1-9][0-9]*$/.test(this.raw(name)) || `, ``],
  'waits-for-open': ['waits for open for ever', `openMs: 10_000`, `openMs: 600_000`],
  'any-key': ['accepts every key', `if (used && !late) this.keys = [used];\n    return used !== undefined;`, `return true;`],
  'late-open': ['lets a late open take the session', `if (session && late) return`, `if (false) return`],
  'any-user': ['resumes the session of another user', `session.user !== identity.user || `, ``],
  'partial-replay': ['replays what is left of a trimmed log', `session.end((reason = 'trimmed'))`, `position = session.oldest`],
  'no-fence': ['counts what an older connection was busy with', `if (this.fence !== this.session.fence) return; //`, `//`],
  'two-connections': ['leaves the older connection open', `this.connection?.fail(4409, 'taken-over', 'a newer connection has the session');`, ``],
  'skips-an-entry': ['skips an entry of the replay', `this.sent = this.base = this.acked = position;`, `this.sent = this.base = this.acked = reason ? 0 : position + 1;`],
  'last-is-an-ack': ['takes last of open for an ack', `this.unackedBytes = 0;`, `this.unackedBytes = 0; session.acknowledge(position);`],
  'key-spent-at-once': ['refuses the used key as soon as there is a new one', `this.keys.push(hash(key));`, `this.keys = [hash(key)];`],
  'key-never-spent': ['accepts the used key for ever', `if (this.session) this.session.keys = this.session.keys.slice(-1);`, ``],
  'lost-rejection': ['acknowledges a rejection that is lost with the log', `if (this.rejections.length) this.dealt = Math.min(this.dealt, this.rejections[0].seq - 1);`, ``],
  'gap': ['accepts a seq that skips one', 'if (seq > this.received + 1) throw new ProtocolError(`seq ${seq} follows ${this.received}`);', ``],
  'handles-twice': ['handles a message again', `if (seq <= this.session.dealt) return this.owe(0); // acknowledged again (3, rule 12)\n    if (seq <= this.received) return; // it is in the queue\n`, ``],
  'silent-duplicate': ['does not acknowledge a message again', `if (seq <= this.session.dealt) return this.owe(0);`, ``],
  'early-ack': ['acknowledges what is not handled yet', `this.received = seq;\n`, `this.received = seq;\n    this.send({ t: 'ack', c: seq });\n`],
  'ack-overtakes': ['lets an ack overtake a rejection', `waiting ? waiting.seq - 1 : Infinity`, `Infinity`],
  'out-of-turn': ['handles messages at the same time', `if (!this.working) this.work();`, `this.work();`],
  'any-ack': ['accepts an ack of what was never sent', 'throw new ProtocolError(`${last} was never sent`)', `return`],
  'no-window': ['sends without a window', `this.sent - this.acked >= options.window || `, ``],
  'old-window': ['counts entries of older connections', `this.sent = this.base = this.acked = position;`, `this.sent = this.base = position; this.acked = session.oldest;`],
  'deaf-while-busy': ['does not read while it is busy', `if (this.queue.length > maxUnacked || `, `if (this.working || `],
  'silent-trim': ['drops what was not sent and says nothing', `if (dropped.number > this.connection?.sent)`, `if (false)`],
  'early-live': ['sends live before the replay is over', `this.target = session.next - 1;`, `this.target = 0;`],
  'no-size-limit': ['accepts what is larger than maxMessage', `if (size > this.server.options.maxMessage)`, `if (false)`],
  'undying': ['does not forget a session after bye', `this.session.end('unknown');\n    this.server.sessions.delete(this.session.sid);\n    clearTimeout(this.session.timer);`, ``],
  'hasty-drain': ['closes a drained connection at once', `afterMs + this.server.options.graceMs`, `0`],
  'counts-a-failure': ['counts a message whose handling failed', `return this.fail(1011,`, `this.session.settle(item.seq); return this.fail(1011,`],
  'first-byte': ['does not look at the first byte of a binary message', ` || data[0] !== 1`, ``],
  'long-batch': ['accepts a batch of any length', ` || envelopes.length > batch`, ``],
  'no-expiry': ['serves a client whose credential has expired', `const close = () => this.fail(4401, 'expired', 'the credential has expired');`, `const close = () => {};`],
  'sends-null': ['sends null for a member without a value', "const welcome = { t: 'welcome',", "const welcome = { t: 'welcome', reason: null,"],
  'repeats-a-member': ['repeats a member name', '`{"t":"msg","id":"${id}","d"', '`{"t":"msg","t":"msg","id":"${id}","d"'],
  'counts-as-text': ['writes a number as a string', "if (c > 0) this.send({ t: 'ack', c });", "if (c > 0) this.send({ t: 'ack', c: String(c) });"],
  'any-renewal': ['accepts a credential of another user', `if (identity?.user !== this.session.user)`, `if (!identity)`],
  'http-any-name': ['takes a name of any form', '!NAME.test(name) || ', ''],
  'http-name-reused': ['opens two connections with one name', 'carriers.has(name) || ', ''],
  'http-name-forgotten': ['forgets a name at once', 'setTimeout(() => carriers.delete(name), KNOWN_MS).unref()', 'carriers.delete(name)'],
  'http-any-credential': ['does not look at the credential of an opening', '    if (status) return { status, headers };\n    if (carriers', '    if (carriers'],
  'http-taken-twice': ['takes a request again', 'if (number > this.taken) {', '{'],
  'http-gap': ['takes a number that skips one', 'number > this.taken + 1 || ', ''],
  'http-gap-is-survived': ['goes on with a connection after a 409', `this.terminate();\n      return 409;`, 'return 409;'],
  'http-one-line': ['sends text with line breaks as one line of data', String.raw`data.replace(/\r\n|\r|\n/g, '\ndata: ')`, 'data'],
  'http-rounds': ['rounds the numbers in a request', `value?.t !== undefined) this.emit('message', text, false);`, `value?.t !== undefined) this.emit('message', JSON.stringify(value), false);`],
  'http-pong': ['answers every ping with 0', 'String(value.ping)', `'0'`],
  'http-close-code': ['answers every close with 1000', 'this.close(value.close)', 'this.close(1000)'],
  'http-open-end': ['does not end the stream after a close', 'if (polling || this.over) response.end();', 'if (polling) response.end();'],
  'http-undead': ['does not notice that a stream is lost', "if (!polling) response.on('close', () => this.terminate());", ''],
  'http-stored': ['lets answers be stored', `{ 'Cache-Control': 'no-store' }`, '{}'],
  'http-buffered': ['lets nginx hold the stream back', `, 'X-Accel-Buffering': 'no'`, ''],
  'http-comment': ['sends no comment line', String.raw`: still here\n\n`, ''],
  'http-comment-early': ['wakes clients more often than it must', 'QUIET_MS = 25_000', 'QUIET_MS = 15_000'],
  'http-poll-held': ['holds a poll for too long', 'QUIET_MS = 25_000', 'QUIET_MS = 45_000'],
  'http-poll-forgotten': ['keeps no answer of a poll', 'if (number === this.polled && this.answered !== undefined) return { status: 200, headers: EVENTS, body: this.answered };', ''],
  'http-poll-twice': ['answers one of two equal polls with nothing', `could lose events.\n    this.response?.destroy();`, `could lose events.\n    if (this.response) answer(this.response, { status: 200, headers: EVENTS, body: '' });`],
  'http-poll-any': ['takes any number of a poll', 'if (number !== this.polled && number !== this.polled + 1) return { status: 409 };', ''],
  'http-poll-size': ['puts everything into one answer', 'MAX_ANSWER = 1 << 18', 'MAX_ANSWER = 1 << 28'],
};

const [name, folder] = process.argv.slice(2);
const source = path.join(__dirname, '..');
if (name === undefined) {
  for (const [each, [what]] of Object.entries(MUTANTS)) console.log(`${each}\t${what}`);
} else {
  const [, text, replacement] = MUTANTS[name];
  let planted = 0;
  for (const file of FILES) {
    const parts = fs.readFileSync(path.join(source, file), 'utf8').split(text);
    planted += parts.length - 1;
    fs.writeFileSync(path.join(folder, file), parts.join(replacement));
  }
  if (planted !== 1) throw new Error(`${name}: its text is ${planted} times in the server, but must be there once`);
}
