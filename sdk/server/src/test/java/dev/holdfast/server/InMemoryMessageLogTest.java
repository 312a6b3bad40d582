package dev.holdfast.server;

class InMemoryMessageLogTest extends MessageLogContract {
    @Override
    MessageLog newLog(int limit) {
        return new InMemoryMessageLog("e1", limit);
    }
}
