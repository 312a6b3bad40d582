package dev.holdfast.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.node.InteropServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code connect --protocol} as a process, with servers that people run. */
@Timeout(900)
class DialectIT {
    @Test
    void socketIo() throws Exception {
        try (InteropServer server = InteropServer.start("socket.io", "socketio-server.js", "120000", "25000", "20000");
                Program connect =
                        Program.start("connect", "ws://127.0.0.1:" + server.port(), "--protocol", "socketio")) {
            // The server adds the event's offset, as it does for clients in a browser.
            connect.await("hello \\[\\{\"sid\":\"[^\"]+\",\"recovered\":false,\"auth\":\\{\\}\\},\"[^\"]+\"\\]\n");
            connect.type("reflect [\"gr\u00fcn \u4f60\",{\"a\":[1.10]},null]\n");
            connect.await("\nreflected \\[\"gr\u00fcn \u4f60\",\\{\"a\":\\[1.1\\]\\},null,\"[^\"]+\"\\]\n");
            connect.endInput();
            assertEquals(0, connect.exitCode(), connect::errors);
        }
    }

    @Test
    void stomp() throws Exception {
        try (InteropServer server = InteropServer.rabbitMq();
                Program connect = Program.start(
                        "connect",
                        "ws://127.0.0.1:" + server.port() + "/ws",
                        "--protocol",
                        "stomp",
                        "--stomp-header",
                        "host: /")) {
            connect.type("subscribe /topic/a\nsend /topic/a gr\u00fcn \u4f60\n");
            connect.await("^/topic/a gr\u00fcn \u4f60\n");
            server.restart();
            // The broker has forgotten the subscription, and the client subscribes again before it sends.
            connect.awaitError("(?s)connected.*connected");
            connect.type("send /topic/a again\n");
            connect.await("\n/topic/a again\n");
            connect.type("unsubscribe /topic/a\n");
            connect.endInput();
            assertEquals(0, connect.exitCode(), connect::errors);
            assertEquals("/topic/a gr\u00fcn \u4f60\n/topic/a again\n", connect.output());
        }
    }

    @Test
    void graphQl() throws Exception {
        try (InteropServer server = InteropServer.start("graphql-ws", "graphql-server.js", "FOLDER/count");
                Program connect = Program.start(
                        "connect", "ws://127.0.0.1:" + server.port() + "/graphql", "--protocol", "graphql")) {
            connect.type("{ echo(text: \"gr\u00fcn\") }\n");
            connect.await("^\\{\"data\":\\{\"echo\":\"gr\u00fcnnull\"\\}\\}\n");
            connect.type("subscription { three { id } }\n");
            for (int id = 1; id <= 3; id++) connect.await("\n\\{\"data\":\\{\"three\":\\{\"id\":" + id + "\\}\\}\\}\n");
            // A result with errors is a result; a query that is not executed fails.
            connect.type("{ fails }\n");
            connect.await(
                    "\n\\{\"data\":\\{\"fails\":null\\},\"errors\":\\[.*it fails.*\\]\\}\n|\n\\{\"errors\":.*it fails.*\n");
            connect.type("{ nothing }\n");
            connect.endInput();
            assertEquals(1, connect.exitCode(), connect::errors);
            assertTrue(connect.errors().contains("nothing"), connect::errors);
        }
    }

    @Test
    void jsonRpc() throws Exception {
        try (InteropServer server = InteropServer.start("json-rpc-2.0", "jsonrpc-server.js", "FOLDER/numbers");
                Program connect =
                        Program.start("connect", "ws://127.0.0.1:" + server.port(), "--protocol", "jsonrpc")) {
            connect.type("on told\ncall sum [1,2,39]\ncall notifyMe {\"text\":\"\u4f60\"}\n");
            connect.await("42\n");
            connect.await("told \\{\"text\":\"\u4f60\"\\}\n");
            connect.await("true\n");
            connect.type("call fail\n");
            connect.endInput();
            assertEquals(1, connect.exitCode(), connect::errors);
            assertTrue(connect.errors().contains("it failed"), connect::errors);
        }
    }
}
