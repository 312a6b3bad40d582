package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ManualNetworkMonitorTest {
    private final ManualNetworkMonitor monitor = new ManualNetworkMonitor();
    private final NetworkRecorder recorder = new NetworkRecorder();

    @Test
    void tellsAtOnceHowThingsStand() {
        monitor.watch(recorder);
        assertEquals(List.of("available"), recorder.calls());
        monitor.lost();
        NetworkRecorder late = new NetworkRecorder();
        monitor.watch(late);
        assertEquals(List.of("lost"), late.calls());
    }

    @Test
    void tellsEachChangeOnce() {
        monitor.watch(recorder);
        monitor.available();
        monitor.lost();
        monitor.lost();
        monitor.available();
        monitor.available();
        monitor.changed();
        monitor.changed();
        assertEquals(List.of("available", "lost", "available", "changed", "changed"), recorder.calls());
    }

    @Test
    void anotherNetworkAfterNoneIsAvailable() {
        monitor.lost();
        monitor.watch(recorder);
        monitor.changed();
        assertEquals(List.of("lost", "available"), recorder.calls());
    }

    @Test
    void aClosedRegistrationIsToldNothing() {
        NetworkMonitor.Registration registration = monitor.watch(recorder);
        NetworkRecorder other = new NetworkRecorder();
        monitor.watch(other);
        registration.close();
        registration.close();
        monitor.lost();
        assertEquals(List.of("available"), recorder.calls());
        assertEquals(List.of("available", "lost"), other.calls());
    }

    @Test
    void twoRegistrationsOfOneListenerAreTwo() {
        NetworkMonitor.Registration first = monitor.watch(recorder);
        monitor.watch(recorder);
        first.close();
        monitor.lost();
        assertEquals(List.of("available", "available", "lost"), recorder.calls());
    }

    @Test
    void aListenerMayChangeTheStateFromItsCall() {
        NetworkRecorder second = new NetworkRecorder();
        monitor.watch(new ForwardingListener(recorder) {
            @Override
            public void onLost() {
                super.onLost();
                monitor.changed();
                assertEquals(List.of("available", "lost"), recorder.calls(), "a call within a call");
            }
        });
        monitor.watch(second);
        monitor.lost();
        assertEquals(List.of("available", "lost", "available"), recorder.calls());
        // By the time of its turn there was a network again, but another one.
        assertEquals(List.of("available", "changed"), second.calls());
    }

    @Test
    void aListenerMayCloseItsRegistrationFromItsCall() {
        AtomicReference<NetworkMonitor.Registration> registration = new AtomicReference<>();
        registration.set(monitor.watch(new ForwardingListener(recorder) {
            @Override
            public void onLost() {
                super.onLost();
                registration.get().close();
            }
        }));
        monitor.lost();
        monitor.available();
        assertEquals(List.of("available", "lost"), recorder.calls());
    }

    @Test
    void aListenerMayCloseAnothersRegistrationFromItsCall() {
        AtomicReference<NetworkMonitor.Registration> other = new AtomicReference<>();
        monitor.watch(new ForwardingListener(new NetworkRecorder()) {
            @Override
            public void onLost() {
                other.get().close();
            }
        });
        other.set(monitor.watch(recorder));
        monitor.lost();
        assertEquals(List.of("available"), recorder.calls());
    }

    @Test
    void closeWaitsForTheCallUnderWay() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();
        NetworkMonitor.Registration registration = monitor.watch(new ForwardingListener(recorder) {
            @Override
            public void onLost() {
                called.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                over.set(true);
            }
        });
        Thread source = new Thread(monitor::lost);
        source.start();
        called.await();
        AtomicBoolean overAtClose = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            registration.close();
            overAtClose.set(over.get());
        });
        closer.start();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            while (closer.getState() != Thread.State.WAITING) Thread.onSpinWait();
        });
        goOn.countDown();
        closer.join();
        source.join();
        assertEquals(true, overAtClose.get());
    }

    @Test
    void aSlowListenerKeepsNobodyFromReportingWatchingOrLeaving() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        NetworkRecorder slow = new NetworkRecorder();
        NetworkMonitor.Registration registration = monitor.watch(recorder);
        monitor.watch(new ForwardingListener(slow) {
            @Override
            public void onLost() {
                super.onLost();
                called.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
        Thread source = new Thread(monitor::lost);
        source.start();
        called.await();
        NetworkRecorder late = new NetworkRecorder();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            monitor.available();
            monitor.watch(late);
            registration.close();
        });
        goOn.countDown();
        source.join();
        assertEquals(List.of("available", "lost"), recorder.calls());
        assertEquals(List.of("available", "lost", "available"), slow.calls());
        assertEquals(List.of("available"), late.calls());
    }

    @Test
    void whatAListenerThrowsIsReportedAndChangesNothing() {
        List<Throwable> uncaught = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        try {
            monitor.watch(new ForwardingListener(new NetworkRecorder()) {
                @Override
                public void onLost() {
                    throw new AssertionError("listener");
                }
            });
            monitor.watch(recorder);
            monitor.lost();
            monitor.available();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertEquals(1, uncaught.size());
        assertEquals(List.of("available", "lost", "available"), recorder.calls());
    }

    @Test
    void noneTellsNothing() {
        NetworkMonitor.Registration registration = NetworkMonitor.none().watch(recorder);
        registration.close();
        registration.close();
        assertEquals(List.of(), recorder.calls());
    }

    private static class ForwardingListener implements NetworkMonitor.Listener {
        private final NetworkRecorder recorder;

        ForwardingListener(NetworkRecorder recorder) {
            this.recorder = recorder;
        }

        @Override
        public void onAvailable() {
            recorder.onAvailable();
        }

        @Override
        public void onLost() {
            recorder.onLost();
        }

        @Override
        public void onChanged() {
            recorder.onChanged();
        }
    }
}
