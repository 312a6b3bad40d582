package dev.holdfast.graphql;

import dev.holdfast.internal.session.Payload;

/** Something that the application is told, on its way there in one order with everything else. It runs on the callback executor. */
@FunctionalInterface
interface Received {
    void tell(GraphQl client);

    /** Returns it as a payload, which the machine carries. */
    static Payload payload(Received received) {
        return Payload.read(received, 0);
    }
}
