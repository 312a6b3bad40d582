package com.example.chat;

record ChatLine(String who, String text) {}
