using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A condition that is read as its vector, once a row; NaN where it is missing.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Unknown">What becomes of values that the encoder does not know.</param>
/// <param name="Source">The column that keys were mapped from; null where that is not known.</param>
internal sealed record EmbeddedInput(string Column, TrainedConditionEncoder Encoder, UnknownValueRule Unknown, KeySource? Source) : RowInput(Column)
{
    private ConditionInput Condition => new(Column, Encoder.Layout.Slots[0], Unknown, Source);

    public override void Check(SchemaShape shape) => Condition.Check(shape);

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape) => Condition.Find(schema, shape);

    public override IEnumerable<int> InputsOf(DataViewSchema schema) => Condition.InputsOf(schema);

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var condition = Condition.Bind(row, column, spec);
        var packed = new float[condition.Width];
        return new BoundInput(Encoder.Size, values =>
        {
            condition.Read(packed);
            if (Encoder.Layout.IsMissing(packed))
            {
                values.Fill(float.NaN);
                return;
            }
            using var noGrad = no_grad();
            using var rows = PackedConditions.ToTensor(Encoder.Layout, packed, 1, Encoder.Trained.Parameters.Device);
            using var vector = Encoder.Embed(new Conditioning(Encoder.Layout, rows));
            using var host = vector.cpu();
            MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(values);
        }, _ => { });
    }
}
