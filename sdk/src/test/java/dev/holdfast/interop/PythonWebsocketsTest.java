package dev.holdfast.interop;

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
            super("deflate", "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12");
        }
    }

    @Nested
    class Plain extends Contract {
        Plain() {
            super("none", "");
        }
    }

    private abstract static class Contract extends InteropContract {
        private final String compression;

        Contract(String compression, String extensions) {
            super(extensions);
            this.compression = compression;
        }

        @Override
        String start() throws Exception {
            String python = Installed.pythonWith("websockets").toString();
            int port = ServerProcess.freePort();
            closeAfterAll(ServerProcess.start(
                    "websockets-" + compression,
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
