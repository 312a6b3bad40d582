package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.Transport;
import java.util.function.BooleanSupplier;
import okhttp3.Request;
import okio.ByteString;

/** The simulated transport keeps the contract of the real one. */
class SimTransportTest extends TransportContract {
    private final World world = new World(1);
    private final SimTransport transport = new SimTransport(world, new Echo());

    @Override
    Transport transport() {
        return transport;
    }

    @Override
    Request request() {
        return new Request.Builder().url("http://simulated.example/").build();
    }

    @Override
    Request refusingRequest() {
        transport.weather = SimTransport.Weather.REFUSED;
        return request();
    }

    @Override
    void await(BooleanSupplier condition) {
        long end = world.now() + World.seconds(60);
        while (!condition.getAsBoolean()) {
            // Time passes even where nothing happens.
            boolean stepped = world.step(Math.min(end, world.now() + World.millis(10)));
            assertTrue(stepped || world.now() < end, "did not come true");
        }
    }

    private static final class Echo implements SimServer {
        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            if (text.equals("close")) {
                connection.serverCloses(4000, "");
            } else {
                connection.serverSends(Item.text(text));
            }
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {
            connection.serverSends(Item.binary(bytes));
        }

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}
