using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What a step needs: made on the CPU, and moved to the device ahead of the step.</summary>
/// <param name="X0">The clean batch x0 [B, ...].</param>
/// <param name="Latent">What the forward process corrupts it with: ε [B, ...] for Gaussian noise.</param>
/// <param name="Uniforms">A uniform number of each row in (0, 1), from which its level is drawn.</param>
/// <param name="Conditions">The packed conditions [B, width]; null where there are none. They stay on the CPU, where networks check them.</param>
/// <param name="Estimates">Whether a network that takes an estimate (<see cref="Network.SelfConditions"/>) is given one; zeros else.</param>
/// <param name="Noise">The random numbers of the rows, for the network's dropout.</param>
internal sealed record TrainingBatch(Tensor X0, Tensor Latent, double[] Uniforms, Tensor? Conditions, bool Estimates, RowNoise Noise) : IDisposable
{
    /// <summary>
    /// This batch with its data on a device. The copy to a GPU comes from pinned memory and is not waited for: what the device does next comes after it. This batch must no longer be
    /// used.
    /// </summary>
    /// <param name="device">The device.</param>
    public TrainingBatch OnDevice(Device device)
    {
        if (device.type == TorchSharp.DeviceType.CPU)
            return this;
        return this with { X0 = Move(X0), Latent = Move(Latent) };

        Tensor Move(Tensor host)
        {
            if (host.device_type == device.type)
                return host;
            using (host)
            using (var pinned = host.pin_memory())
                return pinned.to(device, non_blocking: true);
        }
    }

    /// <summary>Some of the rows: views, which the caller's dispose scope releases, or all of them as they are.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    public TrainingBatch Rows(int first, int count) => count == Uniforms.Length
        ? this
        : this with
        {
            X0 = X0.narrow(0, first, count),
            Latent = Latent.narrow(0, first, count),
            Uniforms = Uniforms[first..(first + count)],
            Conditions = Conditions?.narrow(0, first, count),
            Noise = Noise.Rows(first, count),
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        X0.Dispose();
        Latent.Dispose();
        Conditions?.Dispose();
    }
}
