package dev.holdfast.server;

import com.example.LiveListener;
import io.undertow.Undertow;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** The adapter of Jakarta WebSocket in Undertow. */
class JakartaInUndertowTest extends AdapterContract {
    private DeploymentManager deployment;
    private Undertow undertow;

    @Override
    void startContainer(Path empty) throws Exception {
        DeploymentInfo application = Servlets.deployment()
                .setClassLoader(getClass().getClassLoader())
                .setContextPath("/")
                .setDeploymentName("live")
                .addServletContextAttribute(
                        WebSocketDeploymentInfo.ATTRIBUTE_NAME,
                        new WebSocketDeploymentInfo().setBuffers(new DefaultByteBufferPool(false, 16 * 1024)))
                .addListener(Servlets.listener(LiveListener.class));
        deployment = Servlets.newContainer().addDeployment(application);
        deployment.deploy();
        undertow = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(deployment.start())
                .build();
        undertow.start();
    }

    @Override
    int port() {
        return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    HoldfastServer server() {
        return (HoldfastServer)
                deployment.getDeployment().getServletContext().getAttribute(HoldfastServer.class.getName());
    }

    @Override
    void stopContainer() throws Exception {
        undertow.stop();
        deployment.stop();
        deployment.undeploy();
    }
}
