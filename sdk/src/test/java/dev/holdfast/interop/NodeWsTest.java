package dev.holdfast.interop;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * The npm package ws, whose inflater looks back no farther than was agreed on. Its threshold of 0 makes it compress small
 * messages too.
 */
@Tag("interop")
class NodeWsTest {
    @Nested
    class Plain extends Contract {
        Plain() {
            super("false", "");
        }
    }

    @Nested
    class Defaults extends Contract {
        Defaults() {
            super("true", "permessage-deflate");
        }
    }

    @Nested
    class CompressingAll extends Contract {
        CompressingAll() {
            super("{\"threshold\": 0}", "permessage-deflate");
        }
    }

    @Nested
    class ServerNoContextTakeover extends Contract {
        ServerNoContextTakeover() {
            super(
                    "{\"threshold\": 0, \"serverNoContextTakeover\": true}",
                    "permessage-deflate; server_no_context_takeover");
        }
    }

    @Nested
    class ClientNoContextTakeover extends Contract {
        ClientNoContextTakeover() {
            super(
                    "{\"threshold\": 0, \"clientNoContextTakeover\": true}",
                    "permessage-deflate; client_no_context_takeover");
        }
    }

    @Nested
    class ServerMaxWindowBits extends Contract {
        ServerMaxWindowBits() {
            super("{\"threshold\": 0, \"serverMaxWindowBits\": 9}", "permessage-deflate; server_max_window_bits=9");
        }
    }

    @Nested
    class ClientMaxWindowBits extends Contract {
        ClientMaxWindowBits() {
            super("{\"threshold\": 0, \"clientMaxWindowBits\": 9}", "permessage-deflate; client_max_window_bits=9");
        }
    }

    @Nested
    class ClientMaxWindowBitsOf12 extends Contract {
        ClientMaxWindowBitsOf12() {
            super("{\"threshold\": 0, \"clientMaxWindowBits\": 12}", "permessage-deflate; client_max_window_bits=12");
        }
    }

    @Nested
    class SmallestMemory extends Contract {
        SmallestMemory() {
            super(
                    "{\"threshold\": 0, \"serverNoContextTakeover\": true, \"clientNoContextTakeover\": true,"
                            + " \"serverMaxWindowBits\": 9, \"clientMaxWindowBits\": 9}",
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                            + " server_max_window_bits=9; client_max_window_bits=9");
        }
    }

    private abstract static class Contract extends InteropContract {
        private final String perMessageDeflate;

        Contract(String perMessageDeflate, String extensions) {
            super(extensions);
            this.perMessageDeflate = perMessageDeflate;
        }

        @Override
        String start() throws Exception {
            if (perMessageDeflate.contains("clientMaxWindowBits") && !InteropClient.offersClientMaxWindowBits()) {
                Assumptions.abort("ws turns away a client that does not offer client_max_window_bits");
            }
            String node = Installed.program("node").toString();
            Path packages = Installed.nodePackages("ws");
            int port = ServerProcess.freePort();
            closeAfterAll(ServerProcess.start(
                    "ws-" + getClass().getSimpleName(),
                    port,
                    List.of(
                            node,
                            ServerProcess.resource("ws-server.js").toString(),
                            Integer.toString(port),
                            perMessageDeflate),
                    Map.of("NODE_PATH", packages.toString())));
            return "ws://127.0.0.1:" + port;
        }
    }
}
