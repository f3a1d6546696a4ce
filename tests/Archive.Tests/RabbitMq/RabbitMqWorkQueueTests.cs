using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

public sealed class RabbitMqWorkQueueTests(RabbitMqBroker broker) : WorkQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await RabbitMqSeams.CreateAsync(broker);
}

public sealed class RabbitMqTaskDeliveryTests(RabbitMqBroker broker) : TaskDeliveryContract
{
    protected override async Task<ISeams> OpenAsync() => await RabbitMqSeams.CreateAsync(broker);
}
