package com.example;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

// spring
@Configuration(proxyBeanMethods = false)
class LiveConfiguration {
    @Bean(initMethod = "connect", destroyMethod = "")
    HoldfastClient liveClient(LiveProperties live, ApplicationEventPublisher events) {
        return HoldfastClient.builder(live.url())
                .session(Session.resumable()) // only if the server speaks resume.v1.json
                .onMessage((client, message) -> events.publishEvent(message.read(ChatLine.class)))
                .build();
    }

    /** Closes the client when the context closes, and waits until the queue is sent. */
    @Bean
    DisposableBean liveClientEnd(HoldfastClient liveClient, LiveProperties live) {
        return () -> liveClient.close(live.closeTimeout());
    }
}
// end
