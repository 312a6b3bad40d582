// The npm package ws as a server of InteropContract. Arguments: the port, and the option perMessageDeflate as JSON.
const { WebSocketServer } = require('ws');

const SUBPROTOCOL = 'interop.v2';

const watchers = new Set();
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: JSON.parse(process.argv[3]),
  handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
});

server.on('connection', (peer, request) => {
  peer.on('error', (error) => console.log(request.url, error));
  peer.on('pong', (payload) => peer.send('#pong ' + payload));
  peer.on('close', (code, reason) => {
    watchers.delete(peer);
    for (const watcher of watchers) watcher.send(`#closed ${request.url} ${code} ${reason}`);
  });
  peer.on('message', (data, isBinary) => {
    if (isBinary) peer.send(data);
    else obey(peer, data.toString());
  });
});

function obey(peer, text) {
  const command = text.split(' ', 1)[0];
  const argument = text.slice(command.length + 1);
  switch (command) {
    case '#close':
      peer.close(Number(argument.slice(0, 4)), argument.slice(5));
      break;
    case '#ping':
      peer.ping(argument);
      break;
    case '#fragments': {
      const fragments = argument.split('|');
      fragments.forEach((one, i) => peer.send(one, { fin: i === fragments.length - 1 }));
      break;
    }
    case '#die':
      peer.terminate();
      break;
    case '#watch':
      watchers.add(peer);
      peer.send('#watching');
      break;
    default:
      peer.send(text);
  }
}
