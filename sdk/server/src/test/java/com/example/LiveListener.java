package com.example;

import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.JakartaWebSocketEndpoint;
import dev.holdfast.server.Payload;
import dev.holdfast.server.StreamMessage;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;

/** The example of docs/server-authors.md for Jakarta WebSocket. */
// server-authors
@WebListener
public class LiveListener implements ServletContextListener {
    private final HoldfastServer server = HoldfastServer.builder((session, seq, payload) -> {
                if (payload instanceof Payload.Json json) {
                    return HandlerResult.accepted(StreamMessage.json(json.value()));
                }
                return HandlerResult.rejected("binary", "JSON only");
            })
            .build();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        ServerContainer container = (ServerContainer) context.getAttribute(ServerContainer.class.getName());
        try {
            container.addEndpoint(JakartaWebSocketEndpoint.at("/live", server));
        } catch (DeploymentException e) {
            throw new IllegalStateException(e);
        }
        context.setAttribute(HoldfastServer.class.getName(), server);
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        server.close();
    }
}
// end
