package dev.holdfast.interop;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

@Tag("interop-in-process")
class UndertowInteropTest {
    @Nested
    class Compressing extends Contract {
        Compressing() {
            super(true, "permessage-deflate");
        }
    }

    @Nested
    class Plain extends Contract {
        Plain() {
            super(false, "");
        }
    }

    private abstract static class Contract extends InteropContract {
        private final boolean compresses;

        Contract(boolean compresses, String extensions) {
            super(extensions);
            this.compresses = compresses;
        }

        @Override
        String start() {
            return "ws://127.0.0.1:"
                    + closeAfterAll(UndertowEcho.start(compresses)).port();
        }
    }
}
