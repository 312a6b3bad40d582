/** Sessions over plain HTTP, where no WebSocket opens. */
module dev.holdfast.http {
    exports dev.holdfast.http;

    requires transitive dev.holdfast;
    requires static org.jspecify;
}
