package dev.holdfast.server;

class InMemorySessionStateTest extends SessionStoreContract {
    @Override
    SessionState create(SessionStore.NewSession wanted) {
        return new InMemorySessionState(wanted, new InMemoryMessageLog("e1", wanted.logLimit()), System::nanoTime);
    }
}
