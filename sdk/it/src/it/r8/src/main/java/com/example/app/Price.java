package com.example.app;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A record whose components are named, so that it needs nothing from the runtime but its constructor. */
public record Price(
        @JsonProperty("symbol") String symbol,
        @JsonProperty("cents") long cents) {}
