package com.example.app;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** A class with an annotation of Jackson's on one of its members. */
public final class Order {
    public enum Side {
        @JsonProperty("buy")
        BUY,
        @JsonProperty("sell")
        SELL
    }

    @JsonProperty("side")
    public Side side;

    public long amount;

    public List<ChatLine> notes;

    @Override
    public String toString() {
        return side + " " + amount + " " + notes;
    }
}
