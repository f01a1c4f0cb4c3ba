// The snippets of docs/tables.md, as a program: learns a small table and makes new rows of it.
//   dotnet run -c Release --project docs/samples/Tables [-- STEPS]
// <snippet>
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;
// </snippet>
using Tables;

// <snippet>
int steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3_000;
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
IDataView people = ml.Data.LoadFromEnumerable(Person.Make(4_000, seed: 1));
// </snippet>

// <snippet>
var pipeline = ml.Transforms.Conversion.MapValueToKey("Group")
    .Append(ml.Transforms.Concatenate("Features", "Age", "Height", "Income"), TransformerScope.TrainTest)   // generation has no such columns
    .Append(d.Transforms.NoiseSchedule("Features"))                                                         // measures each place: no normalising before
    .Append(d.Trainers.Denoiser("Features", conditionColumn: "Group", new() { Steps = steps, BatchSize = 256 }))
    .Append(d.Transforms.Sampler("Sample", new() { Steps = 40 }))
    .Append(ml.Transforms.Conversion.MapKeyToValue("Group"));                                               // text again, as in the table
d.SaveGenerator(pipeline.Fit(people), "people.zip");
// </snippet>

// <snippet>
ITransformer model = ml.Model.Load("people.zip", out _);
IDataView made = ml.Data.Cache(model.Transform(d.Data.Rows("Group", ["student", "worker"], countPerValue: 500)));

VBuffer<ReadOnlyMemory<char>> names = default;
made.Schema["Sample"].GetSlotNames(ref names);                                                              // Age, Height, Income
Console.WriteLine($"Group, {string.Join(", ", names.DenseValues())}");
foreach (var row in ml.Data.CreateEnumerable<Made>(ml.Data.TakeRows(made, 5), reuseRowObject: false))
    Console.WriteLine($"{row.Group}, {string.Join(", ", row.Sample.Select(value => value.ToString("0.0", CultureInfo.InvariantCulture)))}");
// </snippet>

// <snippet>
var columns = ml.Transforms.CustomMapping<Made, Person>((from, to) =>
{
    to.Group = from.Group;
    (to.Age, to.Height, to.Income) = (from.Sample[0], from.Sample[1], from.Sample[2]);
}, contractName: null);
IDataView table = columns.Fit(made).Transform(made);                                                        // the columns of the table
// </snippet>

foreach (string group in new[] { "student", "worker" })
{
    var real = Person.Make(4_000, seed: 2).Where(person => person.Group == group);
    var rows = ml.Data.CreateEnumerable<Person>(table, reuseRowObject: false).Where(person => person.Group == group);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Mean age and income of a {group}: {rows.Average(person => person.Age):0.0} and {rows.Average(person => person.Income):0}; real ones: {real.Average(person => person.Age):0.0} and {real.Average(person => person.Income):0}"));
}
