// A JSON-RPC 2.0 server for the interop tests: node jsonrpc-server.js PORT FILE
// It writes its numbers to FILE, so that another process goes on with them.
const fs = require("fs");
const { WebSocketServer } = require("ws");
const { JSONRPCServer, JSONRPCClient, JSONRPCServerAndClient, createJSONRPCErrorResponse, JSONRPCErrorException } =
  require("json-rpc-2.0");
const [port, file] = process.argv.slice(2);

const read = (name) => (fs.existsSync(file + name) ? fs.readFileSync(file + name, "utf8").split("\n").filter(Boolean) : []);
let last = read("").length;
const log = fs.openSync(file, "a");
const saves = fs.openSync(file + ".saved", "a");

const subscribers = new Map();
let ids = 0;

// Numbers from 1, some at a time, while there are some to come.
let wanted = 0;
setInterval(() => {
  for (let i = 0; i < 10 && last < wanted; i++) {
    last++;
    fs.writeSync(log, last + "\n");
    for (const [id, peer] of subscribers) peer.notify("number", { subscription: id, result: last });
  }
}, 5);

new WebSocketServer({ host: "127.0.0.1", port: Number(port) }).on("connection", (socket) => {
  const peer = new JSONRPCServerAndClient(
    new JSONRPCServer(),
    new JSONRPCClient((request) => {
      socket.send(JSON.stringify(request));
      return Promise.resolve();
    }),
  );
  const mine = new Set();
  peer.addMethod("echo", (params) => params);
  peer.addMethod("sum", (params) => params.reduce((a, b) => a + b, 0));
  peer.addMethod("fail", () => {
    throw new JSONRPCErrorException("it failed", 7, { why: "because" });
  });
  peer.addMethod("never", () => new Promise(() => {}));
  peer.addMethod("ask", async (params) => "the client said " + (await peer.request("question", params)));
  peer.addMethod("askNobody", async () => {
    try {
      return await peer.request("nobody");
    } catch (e) {
      return e.message;
    }
  });
  peer.addMethod("notifyMe", (params) => {
    peer.notify("told", params);
    return true;
  });
  peer.addMethod("save", ([number]) => {
    fs.writeSync(saves, number + "\n");
    return number;
  });
  peer.addMethod("saved", () => read(".saved").map(Number));
  peer.addMethod("numbers", ([count]) => {
    wanted = count;
    return last;
  });
  peer.addMethod("subscribe", () => {
    const id = "s" + ++ids;
    subscribers.set(id, peer);
    mine.add(id);
    return id;
  });
  peer.addMethod("unsubscribe", ([id]) => subscribers.delete(id));
  peer.addMethod("after", ([number]) => Array.from({ length: last - number }, (_, i) => number + 1 + i));
  peer.addMethod("subscriptions", () => subscribers.size);
  socket.on("message", (data) => {
    let parsed;
    try {
      parsed = JSON.parse(data.toString());
    } catch (e) {
      socket.send(JSON.stringify(createJSONRPCErrorResponse(null, -32700, "Parse error")));
      return;
    }
    const batchOfRequests = Array.isArray(parsed) && parsed.every((each) => "method" in each);
    if (batchOfRequests) {
      peer.server.receive(parsed).then((answer) => answer && socket.send(JSON.stringify(answer)));
    } else {
      peer.receiveAndSend(parsed).catch(() => {});
    }
  });
  const gone = () => {
    for (const id of mine) subscribers.delete(id);
    peer.rejectAllPendingRequests("gone");
  };
  socket.on("close", gone);
  socket.on("error", gone);
});
