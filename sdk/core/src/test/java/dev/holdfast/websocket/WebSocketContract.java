package dev.holdfast.websocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * The contract that code written for {@code OkHttpClient.newWebSocket} relies on. OkHttp's own web sockets show that the tests
 * are right. Where Holdfast's differ it is a {@link Difference}.
 */
@Tag("slow")
@Timeout(30)
abstract class WebSocketContract
        implements OpeningContract,
                FailedOpeningContract,
                MessageContract,
                ClosingContract,
                FailureContract,
                ListenerContract,
                ClientContract {}
