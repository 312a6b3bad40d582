// A server of graphql-transport-ws for the interop tests: node graphql-server.js PORT COUNT_FILE
// The feed is numbered from 1, and COUNT_FILE keeps how far it has come over a restart.
const fs = require("fs");
const { EventEmitter } = require("events");
const { WebSocketServer } = require("ws");
const { buildSchema, GraphQLError } = require("graphql");
const { useServer } = require("graphql-ws/use/ws");

const port = Number(process.argv[2]);
const countFile = process.argv[3];
const KEPT = 500;

let count = fs.existsSync(countFile) ? Number(fs.readFileSync(countFile, "utf8")) : 0;
let limit = count;
const news = new EventEmitter().setMaxListeners(0);
const saved = [];
let active = 0;

// Publishes some numbers at a time, up to the limit.
setInterval(() => {
  if (count >= limit) return;
  count = Math.min(limit, count + 20);
  fs.writeFileSync(countFile, String(count));
  news.emit("more");
}, 5);

// Gives the numbers after one, as they are published.
async function* numbers(after) {
  active++;
  try {
    for (let next = after + 1; ; next++) {
      while (next > count) await new Promise((more) => news.once("more", more));
      yield next;
    }
  } finally {
    active--;
  }
}

async function* map(source, name) {
  for await (const number of source) yield { [name]: { id: number } };
}

const schema = buildSchema(`
  type Number { id: Int! }
  type Query { echo(text: String, in: [Int]): String, user: String, slow: Int, saved: [Int!]!, active: Int!, fails: Int }
  type Mutation { save(number: Int!): Int!, publish(upTo: Int!): Int! }
  type Subscription { feed(after: Int): Number!, trimmed(after: Int): Number!, live: Number!, three: Number!, dies: Number! }
`);

const root = {
  echo: ({ text, in: numbers }) => text + JSON.stringify(numbers ?? null),
  user: (args, context) => JSON.stringify(context.connectionParams ?? null),
  slow: () => new Promise((done) => setTimeout(() => done(1), 60_000).unref()),
  fails: () => {
    throw new GraphQLError("it fails", { extensions: { code: "FAILS" } });
  },
  saved: () => saved,
  active: () => active,
  save: ({ number }) => saved.push(number),
  publish: ({ upTo }) => (limit = upTo),
  feed: ({ after }) => map(numbers(after ?? 0), "feed"),
  live: () => map(numbers(count), "live"),
  trimmed: ({ after }) => {
    if (after != null && after < count - KEPT) {
      throw new GraphQLError("too old", { extensions: { code: "TRIMMED" } });
    }
    return map(numbers(after ?? count), "trimmed");
  },
  three: async function* () {
    for (let id = 1; id <= 3; id++) yield { three: { id } };
  },
  dies: async function* () {
    yield { dies: { id: 1 } };
    throw new GraphQLError("it died");
  },
};

useServer(
  {
    schema,
    roots: { query: root, mutation: root, subscription: root },
    connectionInitWaitTimeout: 2_000,
    context: (ctx) => ({ connectionParams: ctx.connectionParams }),
    onConnect: (ctx) => {
      if (ctx.connectionParams?.Authorization === "Bearer bad") return false;
      return { process: process.pid };
    },
  },
  new WebSocketServer({ port, path: "/graphql" }),
);
