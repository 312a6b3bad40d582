package dev.holdfast.interop;

import dev.holdfast.Compression;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** Python's websockets, whose inflater looks back no farther than was agreed on. */
@Tag("interop")
class PythonWebsocketsTest {
    @Nested
    class Compressing extends Contract {
        Compressing() {
            super(
                    "deflate",
                    InteropClient.COMPRESSION,
                    "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12");
        }
    }

    @Nested
    class SmallestMemoryThatTheClientAsksFor extends Contract {
        SmallestMemoryThatTheClientAsksFor() {
            super(
                    "deflate",
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
    class Plain extends Contract {
        Plain() {
            super("none", InteropClient.COMPRESSION, "");
        }
    }

    private abstract static class Contract extends InteropContract {
        private final String compression;

        Contract(String compression, Compression offered, String extensions) {
            super(offered, extensions);
            this.compression = compression;
        }

        @Override
        String start() throws Exception {
            String python = Installed.pythonWith("websockets").toString();
            int port = ServerProcess.freePort();
            closeAfterAll(ServerProcess.start(
                    "websockets-" + getClass().getSimpleName(),
                    port,
                    List.of(
                            python,
                            ServerProcess.resource("websockets_server.py").toString(),
                            Integer.toString(port),
                            compression),
                    Map.of()));
            return "ws://127.0.0.1:" + port;
        }
    }
}
