package dev.holdfast.stomp;

import java.io.File;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** ActiveMQ Artemis with STOMP over WebSocket, as a program. */
final class ArtemisBroker {
    private ArtemisBroker() {}

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[1]);
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setSecurityEnabled(false);
        configuration.setPersistenceEnabled(true);
        configuration.setJournalType(JournalType.NIO);
        configuration.setJournalFileSize(1024 * 1024);
        configuration.setBrokerInstance(folder);
        configuration.setMaxDiskUsage(-1);
        configuration.addAcceptorConfiguration(
                "stomp",
                "tcp://127.0.0.1:" + arguments[0]
                        + "?protocols=STOMP&useEpoll=false&anycastPrefix=/queue/&multicastPrefix=/topic/");
        configuration.addAddressSetting(
                "#", new AddressSettings().setAutoDeleteQueues(false).setMaxDeliveryAttempts(-1));
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration);
        broker.start();
        System.out.println("version " + broker.getActiveMQServer().getVersion().getFullVersion());
    }
}
