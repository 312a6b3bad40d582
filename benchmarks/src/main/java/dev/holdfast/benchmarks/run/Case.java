package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;

/** A measured case. */
public enum Case {
    SEND_TEXT_32("send 32 B text", BatchWorkload.send(false, 32, 8192)),
    SEND_TEXT_256("send 256 B text", BatchWorkload.send(false, 256, 4096)),
    SEND_TEXT_16K("send 16 KiB text", BatchWorkload.send(false, 16 * 1024, 64)),
    SEND_BINARY_1M("send 1 MiB binary", BatchWorkload.send(true, 1024 * 1024, 4), Setting.SHARED, Scope.NO_SESSION),
    RECEIVE_TEXT_32("receive 32 B text", BatchWorkload.receive(false, 32, 65_536)),
    RECEIVE_TEXT_256("receive 256 B text", BatchWorkload.receive(false, 256, 32_768)),
    RECEIVE_TEXT_16K("receive 16 KiB text", BatchWorkload.receive(false, 16 * 1024, 512)),
    RECEIVE_BINARY_1M(
            "receive 1 MiB binary", BatchWorkload.receive(true, 1024 * 1024, 8), Setting.SHARED, Scope.NO_SESSION),
    ROUND_TRIP("round trip of 64 B", new RoundTripWorkload()),
    ROUND_TRIP_ONE_PROCESSOR(
            "round trip of 64 B, all on one processor", new RoundTripWorkload(), Setting.ONE_PROCESSOR, Scope.ALL),
    BEHIND_16M("32 B text behind 16 MiB", new BehindWorkload(), Setting.SHARED, Scope.NO_SESSION),
    PING_INTO_16M(
            "ping into 16 MiB messages, read at 100 MB/s", new PingWorkload(), Setting.SHARED, Scope.HOLDFAST_ALONE),
    IDLE("an idle connection", new IdleWorkload(), Setting.OWN_PROCESS, Scope.CLIENTS),
    COME_BACK("from a cut to the first message missed", new CutWorkload(1), Setting.SHARED, Scope.SESSION),
    REPLAY(
            "from a cut through 100,000 messages of 256 B missed",
            new CutWorkload(100_000),
            Setting.SHARED,
            Scope.SESSION);

    /** The process in which a case is run. */
    enum Setting {
        /** The client's process, which has run other cases. */
        SHARED,
        /** A process that shares one processor with the server. */
        ONE_PROCESSOR,
        /** A process that runs nothing else. */
        OWN_PROCESS
    }

    /** The clients that can run a case. */
    private enum Scope {
        ALL,
        /** All clients, but not the reference, which is not a client. */
        CLIENTS,
        SESSION,
        NO_SESSION,
        /** Holdfast only, because no other client has the feature. */
        HOLDFAST_ALONE
    }

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // All implementations have only final fields.
    private final Workload workload;

    private final Setting setting;
    private final Scope scope;

    Case(String title, Workload workload) {
        this(title, workload, Setting.SHARED, Scope.ALL);
    }

    Case(String title, Workload workload, Setting setting, Scope scope) {
        this.title = title;
        this.workload = workload;
        this.setting = setting;
        this.scope = scope;
    }

    /** Returns the name in a table. */
    public String title() {
        return title;
    }

    boolean isFor(ClientKind client) {
        return switch (scope) {
            case ALL -> true;
            case CLIENTS -> !client.isReference();
            case SESSION -> client.speaksSession();
            case NO_SESSION -> !client.speaksSession();
            case HOLDFAST_ALONE -> client == ClientKind.HOLDFAST;
        };
    }

    Setting setting() {
        return setting;
    }

    Workload workload() {
        return workload;
    }
}
