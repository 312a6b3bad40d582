/** A WebSocket client with sessions that survive the loss of their connections. */
@SuppressWarnings("module") // The modules of qualified exports are compiled later.
module dev.holdfast {
    exports dev.holdfast;
    exports dev.holdfast.protocol;
    exports dev.holdfast.websocket;

    // The internals that the SDK's own protocols use, docs/architecture.md.
    // A carrier replaces the transport, docs/decisions/0015-the-same-session-over-http.md.
    // The test kit replaces time, threads and the network.
    exports dev.holdfast.internal.frame to
            dev.holdfast.protocols,
            dev.holdfast.http,
            dev.holdfast.testkit;
    exports dev.holdfast.internal.session to
            dev.holdfast.protocols;
    exports dev.holdfast.internal.message to
            dev.holdfast.http,
            dev.holdfast.testkit;
    exports dev.holdfast.internal.runtime to
            dev.holdfast.testkit;
    exports dev.holdfast.internal.time to
            dev.holdfast.http,
            dev.holdfast.testkit;
    exports dev.holdfast.internal.transport to
            dev.holdfast.http,
            dev.holdfast.testkit;

    requires transitive okhttp3;
    requires transitive okio;
    requires java.logging;

    // Not transitive, so that applications compile without Jackson. Resumable sessions and JSON need it at run time: an
    // application module that uses them requires com.fasterxml.jackson.databind itself. Text and binary messages do
    // without.
    requires static com.fasterxml.jackson.databind;
    requires static com.fasterxml.jackson.core;
    requires static com.fasterxml.jackson.dataformat.cbor;
    requires static org.jspecify;
}
