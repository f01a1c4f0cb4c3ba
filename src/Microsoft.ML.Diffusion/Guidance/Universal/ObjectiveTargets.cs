using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The targets of a batch: zeros where a row misses one.</summary>
internal sealed class ObjectiveTargets : IDisposable
{
    private readonly List<Tensor> _values = [];

    /// <summary>Reads the targets.</summary>
    /// <param name="targets">What they are.</param>
    /// <param name="condition">The conditions of the batch.</param>
    /// <param name="firstSlot">The slot of the first one.</param>
    /// <param name="like">A tensor [B, ...] of the type that they are wanted in.</param>
    public ObjectiveTargets(IReadOnlyList<GuidanceInput> targets, Conditioning condition, int firstSlot, Tensor like)
    {
        using var off = no_grad();
        for (int i = 0; i < targets.Count; i++)
        {
            using var given = GuidanceSlots.Find(condition, firstSlot + i, targets[i].Name, targets[i].Size);
            if (given is null)
            {
                AreMissing = true;
                return;
            }
            using var unknown = given.isnan();
            using var missing = unknown.any(1);
            using var found = missing.logical_not();
            using var before = Present;
            Present = before is null ? found.alias() : before.logical_and(found);
            using var filled = given.nan_to_num(0);
            _values.Add(filled.to(like.dtype, copy: true));
        }
    }

    /// <summary>The targets, [B, size] each.</summary>
    public IReadOnlyList<Tensor> Values => _values;

    /// <summary>Which rows miss none, [B]; null where there are no targets.</summary>
    public Tensor? Present { get; private set; }

    /// <summary>Whether no row has all of them, for no row gives one of them.</summary>
    public bool AreMissing { get; }

    public void Dispose()
    {
        Present?.Dispose();
        _values.ForEach(value => value.Dispose());
    }
}
