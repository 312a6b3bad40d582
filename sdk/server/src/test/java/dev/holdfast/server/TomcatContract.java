package dev.holdfast.server;

import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** An adapter in Tomcat. */
abstract class TomcatContract extends AdapterContract {
    private final Tomcat tomcat = new Tomcat();

    /** Adds the example to an application whose container has WebSockets. */
    abstract void deploy(Context context);

    @Override
    final void startContainer(Path empty) throws Exception {
        tomcat.setBaseDir(empty.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", empty.toString());
        context.addServletContainerInitializer(new WsSci(), null);
        deploy(context);
        tomcat.start();
    }

    @Override
    final int port() {
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    final void stopContainer() throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }
}
