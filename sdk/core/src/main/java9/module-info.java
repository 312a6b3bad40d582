/** A WebSocket client with sessions that survive the loss of their connections. */
module dev.holdfast {
    exports dev.holdfast;
    exports dev.holdfast.websocket;

    requires transitive okhttp3;
    requires transitive okio;
    requires java.logging;

    // Sessions and JSON need Jackson, and an application that uses either requires it itself. Text and binary messages
    // do without.
    requires static transitive com.fasterxml.jackson.databind;
    requires static com.fasterxml.jackson.core;
    requires static com.fasterxml.jackson.dataformat.cbor;
    requires static transitive org.jspecify;
}
