package com.example;

import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.Payload;
import dev.holdfast.server.SpringWebSocketHandler;
import dev.holdfast.server.StreamMessage;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;

/** The example of docs/server-authors.md. */
// server-authors
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
public class ServerConfiguration {
    @Bean
    public HoldfastServer holdfastServer() {
        return HoldfastServer.builder((session, seq, payload) -> {
                    if (payload instanceof Payload.Json json) {
                        return HandlerResult.accepted(StreamMessage.json(json.value()));
                    }
                    return HandlerResult.rejected("binary", "JSON only");
                })
                .build();
    }

    @Bean
    public WebSocketConfigurer live(HoldfastServer server) {
        SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
        return registry -> registry.addHandler(handler, "/live").addInterceptors(handler);
    }
}
// end
