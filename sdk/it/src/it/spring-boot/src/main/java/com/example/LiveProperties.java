package com.example;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

// spring
@ConfigurationProperties("live")
public record LiveProperties(
        String url, @DefaultValue("15s") Duration closeTimeout) {}
// end
