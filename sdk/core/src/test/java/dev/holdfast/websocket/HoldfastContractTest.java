package dev.holdfast.websocket;

import org.junit.jupiter.api.extension.RegisterExtension;

class HoldfastContractTest extends WebSocketContract {
    @RegisterExtension
    final HoldfastRig rig = new HoldfastRig();

    @Override
    public FactoryRig rig() {
        return rig;
    }
}
