package dev.holdfast.websocket;

import org.junit.jupiter.api.extension.RegisterExtension;

class OkHttpContractTest extends WebSocketContract {
    @RegisterExtension
    final OkHttpRig rig = new OkHttpRig();

    @Override
    public FactoryRig rig() {
        return rig;
    }
}
