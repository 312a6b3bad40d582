'use strict';

// The server with the application that the conformance suite talks to, see docs/server-authors.md. Any number in the
// environment overrides a default: TTL=2000 PORT=8090 node conformance.js

const { start } = require('./server');

const setting = (name) => (process.env[name.toUpperCase()] ? { [name]: Number(process.env[name.toUpperCase()]) } : {});
const options = Object.assign({}, ...['port', 'ttl', 'maxLog', 'maxMessage', 'window', 'warnMs'].map(setting));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two users, and a credential that soon expires. Without a credential the client is anonymous. */
function authenticate(credential) {
  if (credential === undefined) return { user: '' };
  if (credential === 'alice' || credential === 'bob') return { user: credential };
  if (credential === 'alice-for-a-moment') return { user: 'alice', until: Date.now() + 2000 };
  return undefined;
}

async function handle(session, payload, seq, connection) {
  const d = payload.bytes ? undefined : JSON.parse(payload.d);
  const { conformance, n, ms, code, message } = d ?? {};
  const numbers = Array.from({ length: n ?? 0 }, (_, i) => ({ d: String(i + 1) }));
  if (conformance === 'number' && ms === undefined) return { replies: numbers };
  if (conformance === 'number') setTimeout(() => numbers.forEach((number) => session.send(number)), ms);
  else if (conformance === 'fail') return { reject: { code, message } };
  else if (conformance === 'wait') await wait(ms);
  else if (conformance === 'crash') throw new Error('as asked');
  else if (conformance === 'drain') connection.drain(ms);
  else return { replies: [payload] };
}

start({ port: 8090, ...options, authenticate, handle }).then(({ http }) => {
  console.log(`listening on ws://127.0.0.1:${http.address().port}/live`);
});
