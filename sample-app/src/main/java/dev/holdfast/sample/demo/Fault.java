package dev.holdfast.sample.demo;

import dev.holdfast.sample.fault.Direction;
import java.time.Duration;
import java.util.Locale;

/** One thing that goes wrong, at once or from {@link #begin} to {@link #end}. */
enum Fault {
    /** The connection is reset. */
    CUT(Part.CONNECTION) {
        @Override
        void begin(Stage stage) {
            stage.proxy().cut();
        }
    },
    /** The connection ends in good order, in the middle of whatever it carried. */
    END(Part.CONNECTION) {
        @Override
        void begin(Stage stage) {
            stage.proxy().end();
        }
    },
    /** The network forgets the connection and tells nobody. */
    FORGET(Part.CONNECTION) {
        @Override
        void begin(Stage stage) {
            stage.proxy().forget();
        }
    },
    /** Nothing comes through to the server. */
    BLACK_HOLE_OUT(Part.NETWORK) {
        @Override
        void begin(Stage stage) {
            stage.proxy().blackHole(Direction.CLIENT_TO_SERVER, true);
        }

        @Override
        void end(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, false);
        }
    },
    /** Nothing comes through to the client. */
    BLACK_HOLE_IN(Part.NETWORK) {
        @Override
        void begin(Stage stage) {
            stage.proxy().blackHole(Direction.SERVER_TO_CLIENT, true);
        }

        @Override
        void end(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, false);
        }
    },
    /** Nothing comes through either way. */
    BLACK_HOLE(Part.NETWORK) {
        @Override
        void begin(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, true);
        }

        @Override
        void end(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, false);
        }
    },
    /** The network is gone, and the client is told so. */
    NETWORK_OFF(Part.NETWORK) {
        @Override
        void begin(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, true);
            stage.network().lost();
        }

        @Override
        void end(Stage stage) {
            stage.proxy().blackHole(Direction.BOTH, false);
            stage.network().available();
        }
    },
    /** Everything takes its time. */
    DELAY(Part.PACE) {
        @Override
        void begin(Stage stage) {
            stage.proxy().delay(Duration.ofMillis(80));
        }

        @Override
        void end(Stage stage) {
            stage.proxy().delay(Duration.ZERO);
        }
    },
    /** Little comes through at a time: less than is sent. */
    THROTTLE(Part.PACE) {
        @Override
        void begin(Stage stage) {
            stage.proxy().throttle(20_000);
        }

        @Override
        void end(Stage stage) {
            stage.proxy().throttle(0);
        }
    },
    /** The connection is reset and new ones are refused. */
    REFUSE(Part.DOOR) {
        @Override
        void begin(Stage stage) {
            stage.proxy().refuse(true);
            stage.proxy().cut();
        }

        @Override
        void end(Stage stage) {
            stage.proxy().refuse(false);
        }
    },
    /** The server goes down and comes back with its log. */
    RESTART(Part.SERVER) {
        @Override
        void begin(Stage stage) {
            stage.stopServer();
        }

        @Override
        void end(Stage stage) {
            stage.startServer();
        }
    },
    /** The server goes down and comes back without its log: the session is lost. */
    RESTART_WITHOUT_LOG(Part.SERVER) {
        @Override
        void begin(Stage stage) {
            stage.stopServer();
        }

        @Override
        void end(Stage stage) {
            stage.loseLogs();
            stage.startServer();
        }
    },
    /** The server forgets the session. */
    EXPIRE_SESSION(Part.SERVER) {
        @Override
        void begin(Stage stage) {
            stage.expireSessions();
        }
    },
    /** The client's credential is no longer good. */
    EXPIRE_CREDENTIAL(Part.SERVER) {
        @Override
        void begin(Stage stage) {
            stage.expireCredentials();
        }
    },
    /** The server asks for the client to come on another connection. */
    DRAIN(Part.SERVER) {
        @Override
        void begin(Stage stage) {
            stage.drain(Duration.ofMillis(300));
        }
    },
    /** The process stands still, server and all, as when a laptop sleeps. */
    SUSPEND(Part.CLOCK) {
        @Override
        void begin(Stage stage) {
            Suspension.of(Duration.ofMillis(900));
        }

        @Override
        boolean isPossible() {
            return Suspension.isPossible();
        }
    };

    /** What a fault lays hands on. No two faults do so on the same at a time. */
    enum Part {
        CONNECTION,
        NETWORK,
        PACE,
        DOOR,
        SERVER,
        CLOCK
    }

    private final Part part;

    Fault(Part part) {
        this.part = part;
    }

    abstract void begin(Stage stage);

    /** Everything is well again. Nothing to do for what happens in a moment. */
    void end(Stage stage) {}

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    Part part() {
        return part;
    }

    /** Whether it can be done here. */
    boolean isPossible() {
        return true;
    }
}
