// error: only safe
import dev.holdfast.Delivery

fun use(delivery: Delivery) = delivery.outcomeNow().kind()
