/** A WebSocket client with sessions that survive the loss of their connections. */
module dev.holdfast {
    exports dev.holdfast;
    exports dev.holdfast.websocket;

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
