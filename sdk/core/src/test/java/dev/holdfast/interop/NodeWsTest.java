package dev.holdfast.interop;

import dev.holdfast.Compression;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            super("true", Compression.deflate(), "permessage-deflate");
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
    class ClientMaxWindowBitsOf8 extends Contract {
        ClientMaxWindowBitsOf8() {
            super("{\"threshold\": 0, \"clientMaxWindowBits\": 8}", "permessage-deflate; client_max_window_bits=8");
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

    @Nested
    class SmallestMemoryThatTheClientAsksFor extends Contract {
        SmallestMemoryThatTheClientAsksFor() {
            super(
                    "{\"threshold\": 0}",
                    InteropClient.COMPRESSION
                            .withoutServerContextTakeover()
                            .withoutClientContextTakeover()
                            .withServerMaxWindowBits(9)
                            .withClientMaxWindowBits(9),
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                            + " server_max_window_bits=9; client_max_window_bits=9");
        }
    }

    @Nested
    class SmallWindowsThatTheClientAsksFor extends Contract {
        SmallWindowsThatTheClientAsksFor() {
            super(
                    "{\"threshold\": 0}",
                    InteropClient.COMPRESSION.withServerMaxWindowBits(10).withClientMaxWindowBits(10),
                    "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10");
        }
    }

    @Nested
    class ClientWithoutCompression extends Contract {
        ClientWithoutCompression() {
            super("{\"threshold\": 0}", Compression.none(), "");
        }
    }

    private abstract static class Contract extends InteropContract {
        private final String perMessageDeflate;

        Contract(String perMessageDeflate, String extensions) {
            this(perMessageDeflate, InteropClient.COMPRESSION, extensions);
        }

        Contract(String perMessageDeflate, Compression compression, String extensions) {
            super(compression, extensions);
            this.perMessageDeflate = perMessageDeflate;
        }

        @Override
        String start() throws Exception {
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
