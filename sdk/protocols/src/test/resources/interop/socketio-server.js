// A Socket.IO server for the interop tests: node socketio-server.js PORT RECOVERY PING_INTERVAL PING_TIMEOUT [REDIS_PORT]
// With the port of a Redis server it shares its rooms and sessions with the other servers of that Redis.
const { Server } = require("socket.io");
const [port, recovery, pingInterval, pingTimeout, redisPort] = process.argv.slice(2).map(Number);
const io = new Server({
  pingInterval,
  pingTimeout,
  transports: ["websocket"],
  ...(recovery ? { connectionStateRecovery: { maxDisconnectionDuration: recovery } } : {}),
});

const saved = [];

function serve(nsp) {
  nsp.on("connection", (socket) => {
    socket.emit("hello", { sid: socket.id, recovered: socket.recovered, auth: socket.handshake.auth });
    socket.on("echo", (...args) => {
      const answer = args.pop();
      answer(...args);
    });
    socket.on("reflect", (...args) => socket.emit("reflected", ...args));
    socket.on("join", (room, answer) => {
      socket.join(room);
      answer("joined");
    });
    // Emits count numbers to the room, some at a time.
    socket.on("numbers", (room, count, each) => {
      let next = 0;
      const timer = setInterval(() => {
        for (let i = 0; i < each && next < count; i++) nsp.to(room).emit("number", next++);
        if (next === count) clearInterval(timer);
      }, 5);
    });
    socket.on("save", (number, answer) => {
      saved.push(number);
      if (answer) answer(saved.length);
    });
    socket.on("saved", (answer) => answer(saved));
    socket.on("mute", () => {});
    socket.on("volatile", (text) => socket.volatile.emit("passing", text));
    socket.on("ask", (question) =>
      socket.timeout(2000).emit("question", question, (error, ...answer) => {
        socket.emit("asked", error ? String(error) : "", ...answer);
      }),
    );
    socket.on("kick", () => socket.disconnect());
    socket.on("die", () => process.exit(1));
    socket.on("disconnect", (reason) => nsp.to("watch").emit("left", reason));
  });
}

serve(io);
serve(io.of("/private"));
io.of("/private").use((socket, next) => {
  if (socket.handshake.auth.token === "good") {
    next();
  } else {
    const error = new Error("not authorized");
    error.data = { hint: "token" };
    next(error);
  }
});

async function listen() {
  if (redisPort) {
    const { createClient } = require("redis");
    const { createAdapter } = require("@socket.io/redis-streams-adapter");
    const redis = createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await redis.connect();
    io.adapter(createAdapter(redis));
  }
  io.listen(port);
}
listen();
